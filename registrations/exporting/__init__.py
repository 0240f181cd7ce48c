"""All registrations as one document that another installation can take: see ADR 7."""
