"""The whole portal, run once with canaries in every sealed field, and searched for them."""
