"""The networks people share on, as data: an admin mends a row when a network changes its ways.

`is_exact` is off where the network's own rule could not be checked: the counter then says "about".
"""

from django.db import migrations

TEXT, LINK, COPY = "text", "link", "copy"

NETWORKS = [
    {
        "slug": "linkedin",
        "name": "LinkedIn",
        "share_url": "https://www.linkedin.com/sharing/share-offsite/?url={url}",
        "prefill": LINK,
        "text_limit": 3000,
        "fold": 210,
        "hashtags": 3,
        "is_exact": False,
    },
    {
        "slug": "x",
        "name": "X",
        "share_url": "https://x.com/intent/post?text={text}&url={url}",
        "prefill": TEXT,
        "text_limit": 280,
        "counting": "x",
        "url_cost": 23,
        "hashtags": 1,
    },
    {
        "slug": "facebook",
        "name": "Facebook",
        "share_url": "https://www.facebook.com/sharer/sharer.php?u={url}",
        "prefill": LINK,
        "text_limit": 63206,
        "fold": 477,
        "hashtags": 1,
    },
    {
        "slug": "threads",
        "name": "Threads",
        "share_url": "https://www.threads.com/intent/post?text={text}&url={url}",
        "prefill": TEXT,
        "text_limit": 500,
        "hashtags": 1,
        "is_exact": False,
    },
    {
        "slug": "bluesky",
        "name": "Bluesky",
        "share_url": "https://bsky.app/intent/compose?text={text}",
        "prefill": TEXT,
        "text_limit": 300,
        "counting": "bluesky",
        "hashtags": 2,
    },
    {
        "slug": "mastodon",
        "name": "Mastodon",
        "share_url": "https://{instance}/share?text={text}",
        "prefill": TEXT,
        "text_limit": 500,
        "counting": "mastodon",
        "url_cost": 23,
        "hashtags": 2,
        # A server may set its own limit; 500 is what most keep.
        "is_exact": False,
    },
    {
        "slug": "whatsapp",
        "name": "WhatsApp",
        "share_url": "https://wa.me/?text={text}",
        "prefill": TEXT,
    },
    {
        "slug": "telegram",
        "name": "Telegram",
        "share_url": "https://t.me/share/url?url={url}&text={text}",
        "prefill": TEXT,
        "text_limit": 4096,
        "is_exact": False,
    },
    {
        # The text is the post's title here: a link post has no other.
        "slug": "reddit",
        "name": "Reddit",
        "share_url": "https://www.reddit.com/submit?url={url}&title={text}",
        "prefill": TEXT,
        "text_limit": 300,
        "is_exact": False,
    },
    {
        "slug": "email",
        "name": "Courriel",
        "name_en": "E-mail",
        "share_url": "mailto:?subject={title}&body={text}",
        "prefill": TEXT,
    },
    {
        "slug": "copy",
        "name": "Copier",
        "name_en": "Copy",
        "share_url": "",
        "prefill": COPY,
    },
]


def seed(apps, schema_editor):
    Network = apps.get_model("campaigns", "Network")
    for position, row in enumerate(NETWORKS):
        Network.objects.get_or_create(slug=row["slug"], defaults=row | {"position": position})


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0002_network_in_two_languages")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
