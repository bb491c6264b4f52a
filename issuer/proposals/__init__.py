"""What one pair of eyes proposes and, where the office's policy says so, another must approve before it is done."""
