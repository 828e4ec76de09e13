"""The tracked link: what answers a click, and what is known of it afterwards.

    edge        the ASGI callable behind the links host; it resolves, records, redirects
    cache       what the edge knows of links and contents; `forget(content)` within a second
    stream      ClickEvent, and its way to the consumer: a Redis stream, or a spool on disk
    ingest      ClickEvents into Click rows and Tally rows, each event once
    classify    who or what clicked: pure functions, no database
    models      Click, Tally, Salt

For reports: read `Tally` only. One row per link, day, kind of click and department:

    day         date, in settings.TIME_ZONE
    kind        a ClickKind: human, bot, preview, scanner, prefetch, repeat, self
    link, content, campaign, network     never empty
    ambassador  NULL once that person has left and was erased: the totals stay
    department  the person's department at the time of the click; NULL for none (customers)
    clicks      how many; people's clicks are `Tally.objects.human()`
    uniques     of the human ones: visitors met for the first time that day on that link. A daily
                figure: its sum over days or links is "daily uniques", never people

For a generator of sample data: make `ClickEvent`s with past times (`ClickEvent.make(link, at=…)`)
and hand them, oldest first, to `ingest(events)`, which returns how many were new.
"""
