"""What groups are found and followed by: the link to join, and the visit of who organises one."""
