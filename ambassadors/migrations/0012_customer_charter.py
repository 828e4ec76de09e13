"""What working time is, in the first charter; and the first charter of customers.

Version 1 gets its line only where nobody has accepted it: what was agreed to stays as it was.
"""

from django.db import migrations
from django.utils import timezone

WORKING_TIME_FR = (
    "Le temps que vous prenez pour partager pendant vos heures de travail est du temps de travail."
    " On n’attend rien de vous en dehors de ces heures."
)
WORKING_TIME_EN = (
    "The time you take to share during your working hours is working time."
    " Nothing is expected of you outside of them."
)
CHARTER_FR = """\
## Les règles, en cinq phrases

1. C’est volontaire. Vous dites oui, non ou plus tard, sans explication; votre contrat, vos prix et notre service n’en dépendent jamais.
2. Rien n’est publié à votre place. Vous choisissez le contenu, les mots, le réseau et le moment.
3. Vous restez franc. Une courte mention au début de chaque publication dit que vous êtes notre client; si vous y gagnez quelque chose, elle le dit aussi.
4. Vous parlez en votre nom. Ne partagez que ce que vous pensez, et jamais sous la forme d’un avis sur un site d’évaluation.
5. Vous partez quand vous voulez, en deux clics.

## Ce que nous mesurons

- Les clics sur vos liens courts : combien, quel jour et sur quel réseau. Jamais qui a cliqué.
- Ce que vous nous dites : « c’est publié », « pas cette fois », et la taille de votre public si vous voulez la donner.
- Vos chiffres ne se montrent qu’à vous. Les personnes qui gèrent le programme voient des totaux, d’au moins cinq clients.

## Ce que nous ne voyons jamais

- Vos mots de passe et vos comptes : vous n’avez rien à relier.
- Vos contacts, vos messages, et ce que vous publiez par ailleurs.

## Vos droits

Vous pouvez consulter, corriger et effacer ce que nous gardons sur vous, ou reprendre un accord que vous avez donné. Si vous partez, vos liens continuent de mener au même endroit, mais ils ne portent plus votre nom.
"""
CHARTER_EN = """\
## The rules, in five sentences

1. It’s voluntary. You say yes, no or later, without a reason; your contract, your prices and our service never depend on it.
2. Nothing is posted for you. You choose the content, the words, the network and the moment.
3. You are open about it. A short line at the start of each post says that you are our customer; if you gain something by it, it says so too.
4. You speak for yourself. Share only what you think, and never as a review on a rating site.
5. You leave whenever you like, in two clicks.

## What we measure

- Clicks on your short links: how many, on which day and which network. Never who clicked.
- What you tell us: “it’s live”, “not this time”, and the size of your audience if you care to give it.
- Your figures are shown to you alone. The people who run the programme see totals, of five customers or more.

## What we never see

- Your passwords and your accounts: there is nothing to link.
- Your contacts, your messages, and whatever else you post.

## Your rights

You may see, correct and erase what we keep about you, and take back any agreement you gave. If you leave, your links still lead where they did, but no longer carry your name.
"""


def seed(apps, schema_editor):
    Charter = apps.get_model("ambassadors", "Charter")
    first = Charter.objects.filter(belonging="employee", version=1, consent=None)
    first.update(working_time_fr=WORKING_TIME_FR, working_time_en=WORKING_TIME_EN)
    Charter.objects.get_or_create(
        belonging="customer",
        version=1,
        defaults={
            "text_fr": CHARTER_FR,
            "text_en": CHARTER_EN,
            "published_at": timezone.now(),
        },
    )


class Migration(migrations.Migration):
    dependencies = [("ambassadors", "0011_roles_charter_consent")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
