"""`kefu forget`: everything of a member is erased, and what has to stay is named with the day it goes."""
