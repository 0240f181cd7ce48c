"""One folder for each way to reach a person; see channels/ports.py for what it must offer."""
