"""Who works where, and how HR's files get there.

    imports.reading.read(data, name, limits) -> Table      bytes of a CSV or XLSX; raises a Refused
    imports.reading.read_pasted(text) -> Table             addresses typed into a box
    imports.headers.auto_map(headers)                      column -> field, in French and English
    imports.mapping.propose_mapping(table)                 the same, held against the content
    imports.judging.judge(table, mapping, context) -> Judgement      a Verdict per row; pure
    imports.verdicts.Context, Known                        the directory, as plain data
    imports.messages.text_of(code, value, params)          what a verdict says, in words
    imports.table.Table, Row, Limits, Refused              Refused has a code, params and str()

    imports.models.Import.receive(file, by=user)           keeps the rows and judges them
    Import.remap, choose, correct, cancel, start(by=…)     what the pages do; NotNow at a wrong step
    Import.commit(by)                                      all or nothing, and once
    "import.committed"                                     the entry that enrolment acts on

A column that is hidden or about pay is emptied while reading: no later step ever sees it.
"""
