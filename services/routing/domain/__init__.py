"""Pure decisions: facts and ``now`` in, a decision out. Service, tests and simulator run the same functions.

ticket · agent            what is known
priority · lanes          in which order, and which way
matching                  which agent gets which ticket
transitions · effects     the one table of what may be done with a ticket, by whom
life                      what intake and sla say about a ticket
time_outs                 what happens when nobody does anything
moves · decision          the building blocks all of these share
"""
