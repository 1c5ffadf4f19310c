"""The only files that import a vendor's SDK or speak to its address."""
