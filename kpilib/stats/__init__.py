"""Statistics of the workbook: arrays in, numbers out, no files, no database, no drawing."""
