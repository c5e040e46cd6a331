"""Views of data quality: the overview with its lists, and changes of many values."""
