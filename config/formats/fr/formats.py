"""Québec's dates and times.

Django's own fr_CA formats write `H\xa0h\xa0i`, where the bare `h` is a format code: 13:40 prints as
"13 01 40". Here it is escaped. `S` writes the “er” of the first (config/formats).
"""

DATE_FORMAT = "jS F Y"
SHORT_DATE_FORMAT = "Y-m-d"
MONTH_DAY_FORMAT = "jS F"
YEAR_MONTH_FORMAT = "F Y"
TIME_FORMAT = "G\xa0\\h\xa0i"
DATETIME_FORMAT = "jS F Y, G\xa0\\h\xa0i"
SHORT_DATETIME_FORMAT = "Y-m-d G\xa0\\h\xa0i"
FIRST_DAY_OF_WEEK = 0
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"]
DATETIME_INPUT_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M"]
DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = "\xa0"
NUMBER_GROUPING = 3
