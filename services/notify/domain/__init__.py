"""What notify decides, pure and synchronous: facts and ``now`` in, decisions out.

ticket · member  the little we keep of them
planning   which event is worth a notice, to whom, by which channel
directory  the official ways to reach us, and which of them this member may see
templates · rendering  the catalogues, and text made from typed slots
folding · firewall     what may not leave the house
intent · states · follow_up  the life of one notice: sent once, never forgotten
"""
