"""Pure decisions: ticket, context and ``now`` in, a decision out. Service, tests and simulator run the same functions.

ticket · agent            what is known
priority · lanes          in which order, and which way
matching                  which agent gets which ticket
transitions · roles       the judge of what may be done with a ticket, by whom
on_actions · on_events    what an action does when it is allowed; what intake and sla say about a ticket
time_outs                 what happens when nobody does anything
ticket_steps · decision   the building blocks all of these share
"""
