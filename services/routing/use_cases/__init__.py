"""What routing does with a batch, one story a file; the subscriber and the loops call nothing else."""
