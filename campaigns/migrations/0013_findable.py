"""What items are found by: words in two languages, kept right by the database itself.

Triggers, and not the verbs that change an item: captions, topics and campaigns change too, some of
them in bulk, and a word that cannot be found is noticed by nobody.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

# Stop words are known by their accents, so they go first; then accents, then endings.
CONFIGURATIONS = """
CREATE TEXT SEARCH DICTIONARY porte_voix_stop_fr (
    TEMPLATE = pg_catalog.simple, STOPWORDS = french, ACCEPT = false
);
CREATE TEXT SEARCH CONFIGURATION porte_voix_fr (COPY = pg_catalog.french);
ALTER TEXT SEARCH CONFIGURATION porte_voix_fr
    ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part
    WITH porte_voix_stop_fr, unaccent, french_stem;
CREATE TEXT SEARCH CONFIGURATION porte_voix_en (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION porte_voix_en
    ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part
    WITH unaccent, english_stem;
CREATE TEXT SEARCH CONFIGURATION porte_voix_whole (COPY = pg_catalog.simple);
ALTER TEXT SEARCH CONFIGURATION porte_voix_whole
    ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part
    WITH unaccent, simple;
"""
NO_CONFIGURATIONS = """
DROP TEXT SEARCH CONFIGURATION porte_voix_fr, porte_voix_en, porte_voix_whole;
DROP TEXT SEARCH DICTIONARY porte_voix_stop_fr;
"""

# Every text under both languages: people mix them, and so do captions of one item.
FUNCTIONS = """
CREATE FUNCTION campaigns_words(said text) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT to_tsvector('porte_voix_fr', plain) || to_tsvector('porte_voix_en', plain)
        || to_tsvector('porte_voix_whole', plain)
    FROM translate(said, './:_@+&?=#%<>*~', '               ') AS plain
$$;

-- The rows are locked before anything is read: of two captions written at once, the second
-- computes from what the first has left, and nothing stays behind.
CREATE FUNCTION campaigns_find_again(contents bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO campaigns_findable (content_id, words, title)
    SELECT id, '', '' FROM campaigns_content WHERE id = ANY (contents) ORDER BY id
    ON CONFLICT (content_id) DO NOTHING;
    PERFORM FROM campaigns_findable WHERE content_id = ANY (contents)
    ORDER BY content_id FOR UPDATE;
    UPDATE campaigns_findable found
    SET title = lower(unaccent(content.title)),
        words = setweight(campaigns_words(content.title), 'A')
            || setweight(campaigns_words(content.why), 'B')
            || setweight(campaigns_words(coalesce((
                SELECT string_agg(topic.name || ' ' || topic.name_en, ' ')
                FROM campaigns_content_topics said
                JOIN ambassadors_topic topic ON topic.id = said.topic_id
                WHERE said.content_id = content.id
            ), '')), 'B')
            || setweight(campaigns_words(campaign.name_fr || ' ' || campaign.name_en), 'C')
            || setweight(campaigns_words(
                replace(regexp_replace(content.url, '^https?://(www\\.)?|[?#].*$', '', 'g'), '-', ' ')
            ), 'C')
            || setweight(campaigns_words(left(coalesce((
                SELECT string_agg(caption.text, ' ') FROM campaigns_caption caption
                WHERE caption.content_id = content.id
            ), ''), 60000)), 'D')
    FROM campaigns_content content
    JOIN campaigns_campaign campaign ON campaign.id = content.campaign_id
    WHERE found.content_id = content.id AND content.id = ANY (contents);
END $$;

CREATE FUNCTION campaigns_find_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM campaigns_find_again(array_agg(id)) FROM changed HAVING count(*) > 0;
    RETURN NULL;
END $$;

CREATE FUNCTION campaigns_find_rewritten() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM campaigns_find_again(array_agg(changed.id)) FROM changed JOIN former USING (id)
    WHERE (changed.title, changed.why, changed.url, changed.campaign_id)
        IS DISTINCT FROM (former.title, former.why, former.url, former.campaign_id)
    HAVING count(*) > 0;
    RETURN NULL;
END $$;

-- For captions and for topics put on an item or taken off it.
CREATE FUNCTION campaigns_find_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM campaigns_find_again(array_agg(DISTINCT content_id)) FROM changed HAVING count(*) > 0;
    RETURN NULL;
END $$;

CREATE FUNCTION campaigns_find_texts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM campaigns_find_again(array_agg(DISTINCT either)) FROM changed JOIN former USING (id),
        unnest(ARRAY[changed.content_id, former.content_id]) AS either
    WHERE (changed.text, changed.content_id) IS DISTINCT FROM (former.text, former.content_id)
    HAVING count(*) > 0;
    RETURN NULL;
END $$;

CREATE FUNCTION campaigns_find_topic() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM campaigns_find_again(array_agg(content_id)) FROM campaigns_content_topics
    WHERE topic_id = NEW.id HAVING count(*) > 0;
    RETURN NULL;
END $$;

CREATE FUNCTION campaigns_find_campaign() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM campaigns_find_again(array_agg(id)) FROM campaigns_content
    WHERE campaign_id = NEW.id HAVING count(*) > 0;
    RETURN NULL;
END $$;
"""
NO_FUNCTIONS = """
DROP FUNCTION campaigns_find_written() CASCADE;
DROP FUNCTION campaigns_find_rewritten() CASCADE;
DROP FUNCTION campaigns_find_whole() CASCADE;
DROP FUNCTION campaigns_find_texts() CASCADE;
DROP FUNCTION campaigns_find_topic() CASCADE;
DROP FUNCTION campaigns_find_campaign() CASCADE;
DROP FUNCTION campaigns_find_again(bigint[]);
DROP FUNCTION campaigns_words(text);
"""

# By statement, so that a thousand rows written at once are read at once.
TRIGGERS = """
CREATE TRIGGER content_found_new AFTER INSERT ON campaigns_content
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION campaigns_find_written();
CREATE TRIGGER content_found_again AFTER UPDATE ON campaigns_content
    REFERENCING NEW TABLE AS changed OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION campaigns_find_rewritten();
CREATE TRIGGER caption_found_new AFTER INSERT ON campaigns_caption
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION campaigns_find_whole();
CREATE TRIGGER caption_found_again AFTER UPDATE ON campaigns_caption
    REFERENCING NEW TABLE AS changed OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION campaigns_find_texts();
CREATE TRIGGER caption_found_no_more AFTER DELETE ON campaigns_caption
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION campaigns_find_whole();
CREATE TRIGGER topic_found_new AFTER INSERT ON campaigns_content_topics
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION campaigns_find_whole();
CREATE TRIGGER topic_found_no_more AFTER DELETE ON campaigns_content_topics
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION campaigns_find_whole();
CREATE TRIGGER topic_found_again AFTER UPDATE OF name, name_en ON ambassadors_topic
    FOR EACH ROW WHEN ((OLD.name, OLD.name_en) IS DISTINCT FROM (NEW.name, NEW.name_en))
    EXECUTE FUNCTION campaigns_find_topic();
CREATE TRIGGER campaign_found_again AFTER UPDATE OF name_fr, name_en ON campaigns_campaign
    FOR EACH ROW WHEN ((OLD.name_fr, OLD.name_en) IS DISTINCT FROM (NEW.name_fr, NEW.name_en))
    EXECUTE FUNCTION campaigns_find_campaign();
"""

FILL = "SELECT campaigns_find_again(coalesce(array_agg(id), '{}')) FROM campaigns_content;"


class Migration(migrations.Migration):
    dependencies = [
        ("ambassadors", "0005_unaccent"),
        ("campaigns", "0012_composer_drafts"),
    ]
    operations = [
        TrigramExtension(),
        migrations.RunSQL(CONFIGURATIONS, NO_CONFIGURATIONS),
        migrations.CreateModel(
            name="Findable",
            fields=[
                (
                    "content",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="findable",
                        serialize=False,
                        to="campaigns.content",
                    ),
                ),
                ("words", django.contrib.postgres.search.SearchVectorField(editable=False)),
                ("title", models.TextField(editable=False)),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["words"], name="findable_words"
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["title"], name="findable_title", opclasses=["gin_trgm_ops"]
                    ),
                ],
            },
        ),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop),
    ]
