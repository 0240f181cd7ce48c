"""A mail server and an SMS gateway that keep what they are sent, for the demo, tests and
measurements. They listen on loopback only and deliver nothing anywhere.
"""
