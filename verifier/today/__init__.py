"""What a desk did today: its checks, and whether faces were compared."""
