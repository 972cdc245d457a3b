"""Home-made parts beside the libraries that do the same: one module per subject."""
