"""The demo: the main job, told step by step, on the real services."""
