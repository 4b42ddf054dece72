"""What sla decides, pure and synchronous: facts and `now` in, decisions out.

`calendar` working time · `filter` the calendar as a filter of lines · `promises` who is promised what ·
`clock_state` what is kept of a ticket · `clocks` how the clocks of a ticket move · `ladder` who is called next ·
`decisions` what comes out.
"""
