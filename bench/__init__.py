"""The benchmarks: ``make bench``. What each section measures stands at the top of its file."""
