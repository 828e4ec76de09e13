"""What the product is measured by, each figure against its bar: `make bench-pages`.

`make bench-NAME` runs `bench/NAME.py`. It prints a table, and as its last line one JSON object:
{"name": NAME, figures…, "bar": {…}, "pass": true or false}. It fails when a figure misses its bar.
What was measured, where and when, is in docs/performance.md.
"""
