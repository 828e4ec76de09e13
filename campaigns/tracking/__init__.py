"""The tracked link: what answers a click, and what is known of it afterwards.

    edge          the ASGI callable behind the links host: resolve, record, redirect
      cache       what it knows of links, short addresses and contents; `forget(content)` within
                  a second
      guesses     who tries codes until one is there
      destination where a link may lead, asked again at every redirect
      visitors    the same visitor today, without knowing who it is
      recorder    a click is written down before it is answered
        line      many at once, over a connection of its own
      pages       what it says in words (templates/edge)
    stream        ClickEvent, and its way to the consumer: a Redis stream, or a spool on disk
    consumer      `manage.py ingest`: takes events off the stream, survives what happens to it
      arrivals    a click as plain values
      binary      many of them as PostgreSQL reads them fastest
      sql         statements about thousands of clicks at once
    ingest        clicks into Click rows and rollups, each once
    agents        what a request says of who sends it: a browser, or which program
    classify      who or what clicked: pure functions, no database
    rollups       what is counted of clicks, at four grains
    reclassify    classes and rollups anew from the raw clicks
    letters       what is on its way, and what could not be stored: `manage.py clicks`
    partitions    the months that clicks are cut into
    retention     raw clicks and hours past their time are dropped; days stay
    models        Click; HourTally, Tally, DayTotal; Horizon, Salt

For reports: read `DayTotal`, or `Tally` for single links and ambassadors; `HourTally` is kept only
as long as raw clicks. Of Tally, one row per link, day, kind of click and department:

    day         date, in settings.TIME_ZONE
    kind        a ClickKind: human, bot, preview, scanner, prefetch, repeat, self
    link, content, campaign, network     never empty
    ambassador  NULL once that person has left and was erased: the totals stay; and on the
                programme's own links, whose networks are "programme" and "programme-qr"
    department  the person's department at the time of the click; NULL for none (customers)
    clicks      how many; people's clicks are `Tally.objects.human()`
    uniques     of the human ones: visitors met for the first time that day on that link. A daily
                figure: its sum over days or links is "daily uniques", never people

For a generator of sample data: make `ClickEvent`s with past times, `ClickEvent.make(link.pk,
at=…)`, and hand them, oldest first, to `ingest(events)`, which returns how many were new. A click
less than ten seconds after `link.created_at` is the ambassador's own.
"""
