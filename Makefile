# The system's own Python makes .venv; everything else runs inside it.
PYTHON ?= python3
SETUP = $(PYTHON) launch/bootstrap.py
RUN = .venv/bin/python
PORT ?= 8000
export PORT

.PHONY: bench-import bench-ingest run demo verify test lint check lock messages bench-classify bench-pages bench-redirect bench-report bench-faults bench-notify-faults bench-launch pictures mail-pictures

# Everything, at http://127.0.0.1:8000 or the next free port.
run:
	@$(SETUP) -m launch run

# The demo company, as it was on its first day.
demo:
	@$(SETUP) -m launch exec -- $(RUN) manage.py demo

# Does every click, mail and total add up?
verify:
	@$(SETUP) -m launch exec -- $(RUN) manage.py verify

# The whole suite, on servers of its own. Part of it: make test ARGS="-k story"
test:
	@$(SETUP) --dev -m pytest -n 2 --dist worksteal $(ARGS)

# Style, types, migrations, settings for production, French.
lint:
	@$(SETUP) --dev
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy ambassadors/accounts/policy.py activity/log.py
	$(RUN) -m launch exec --throw-away -- $(RUN) manage.py makemigrations --check --dry-run
	@$(PRODUCTION) $(RUN) manage.py check --deploy --fail-level WARNING
	$(RUN) manage.py messages_complete

PRODUCTION = BASE_URL=https://porte-voix.example LINK_BASE_URL=https://l.porte-voix.example \
	SECRET_KEY=$$($(RUN) -c "import secrets; print(secrets.token_urlsafe(50))")

check: lint test

# Lighthouse on four pages, and the feed on a slow network: a product of its own, npm's tools.
bench-pages:
	@$(SETUP) --dev -m bench.pages $(ARGS)

# Requests per second of the tracked link beside a bare callable; needs wrk. Servers of its own.
bench-redirect:
	@$(SETUP) -m bench.redirect $(ARGS)

# kill -9 of everything between a click and its figure, people clicking meanwhile. Servers of its own.
bench-faults:
	@$(SETUP) -m bench.faults $(ARGS)

# kill -9 of workers, Redis and beats while messages leave. Servers of its own.
bench-notify-faults:
	@$(SETUP) -m bench.notify_faults $(ARGS)

# A campaign launched to 100,000 people: its rows, and its mails per second. Servers of its own.
bench-launch:
	@$(SETUP) -m bench.launch $(ARGS)

# Who is taken for a person and who for a machine, on agents and behaviours from several sources.
bench-classify:
	@$(SETUP) -m bench.classify $(ARGS)

# A list of 100,000 people, dry run and writing, beside django-import-export. Servers of its own.
bench-import:
	@$(SETUP) --dev -m bench.import_people $(ARGS)

# Clicks a second from the stream into the database, beside a bare COPY. Servers of its own.
bench-ingest:
	@$(SETUP) -m bench.ingest $(ARGS)

# The report over ten million clicks, made on servers of its own; fewer: make bench-report CLICKS=…
bench-report:
	@$(SETUP) -m bench.report $(if $(CLICKS),--clicks $(CLICKS)) $(ARGS)

# A picture of each main screen of the demo company, into docs/screens.
pictures:
	@$(SETUP) --dev -m demo.pictures

# Each mail in both languages, wide and narrow, by day and by night: 13 MB into var/mails.
mail-pictures:
	@$(SETUP) --dev
	MAIL_PICTURES=var/mails $(RUN) -m pytest tests/activity/test_mail_templates.py -k drawn

bench-%:
	@$(SETUP) -m launch exec -- $(RUN) -m bench.$* $(ARGS)

# requirements*.in, with every version and hash pinned.
lock:
	@$(SETUP) --dev
	$(COMPILE) requirements.in --output-file requirements.txt
	$(COMPILE) requirements-dev.in --output-file requirements-dev.txt

COMPILE = $(RUN) -m uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate

# What is to be translated, gathered into config/locale; then what is, compiled.
messages:
	@$(SETUP) manage.py makemessages --locale fr --no-obsolete \
		--ignore .venv --ignore var --ignore tests --ignore demo
	@$(SETUP) manage.py compilemessages --locale fr --ignore .venv
