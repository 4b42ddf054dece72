"""The system as an outsider sees it who wants to prove it wrong: contacts flow, faults strike, the log tells.

plan        which fault strikes whom, for how long: a pure function of the seed
faults/     one class a fault
house       the system under test: two processes of every service, clocks minutes apart, servers, carrier
world       who writes, who works, and what about; a pure function of the seed
load · desk · watch · crew   contacts at a steady rate, and people who act on what they see
log         the topics, read from the start when all is over
invariants/ what must be true of the log: pure functions, each shown to be able to fail
standstill  how long the flow stood still after each fault
report · run   the tables, and the run from its start to its end
"""
