"""Files, frames and databases as they come: read, typed, renamed to the model, checked. The only reader of files."""
