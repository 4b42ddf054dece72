"""A simulated day: members who write, agents who answer, and what it came to.

texts · cast · people · matters · scenario   who writes what, when; the same for the same seed
treatment · desk · member                    what agents and members do next; pure
agenda · outside · player                    carrying it out over Kafka and HTTP, as anybody outside would
log · ledger · figures · checks              what the topics say about it afterwards; the last three pure
tables · story · progress                    for people
"""
