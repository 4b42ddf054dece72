"""What sla decides, pure and synchronous: what is known of a ticket and `now` in, decisions out.

`calendar` working time · `calendar_filter` the calendar as a filter of lines · `promises` who is promised what ·
`on_events` what each event comes to · `clocks` how the clocks of a ticket move · `ladder` who is called next ·
`clock_state` what is kept of a ticket · `decisions` what comes out.
"""
