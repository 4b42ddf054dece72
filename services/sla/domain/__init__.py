"""What sla decides, pure and synchronous: what is known of a ticket and `now` in, decisions out.

`calendar` working time · `calendar_filter` the calendar as a filter of lines · `promises` who is promised what ·
`clock_state` what is kept of a ticket · `clocks` how the clocks of a ticket move · `ladder` who is called next ·
`decisions` what comes out.
"""
