"""What belongs to the outside world and is handed to the core by ``app.py``."""
