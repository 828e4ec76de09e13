"""What is held about people, why and for how long; how they take it, and how it goes.

registry    hold(): one line for each column that leads to a person, in the slice it belongs to
holdings    those of the people slices, of activity and of the log-in
optins      what is off until somebody says yes
export      a ZIP of everything, made by a worker, fetched once
erasing     a person out of every table; what is left is a mark and a date
marks       the proof: an HMAC that only the product can make again
retention   keep(): one rule for each kind of data, run every day, counted
assessment  the facts that an assessment of the privacy impact asks for, from what is set
models      Export, ErasureRequest, Erasure, RetentionRun
"""
