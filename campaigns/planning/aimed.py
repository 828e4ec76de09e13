"""Campaigns meant for so few people that their figures would be those people's figures."""

from collections.abc import Collection

from django.conf import settings
from django.db import connection

from ambassadors.directory.models import Department
from ambassadors.enrolment.models import Ambassador
from campaigns.planning.models import Audience, Who

# Stands for customers, who belong to no department, wherever groups are told apart by department.
CUSTOMERS = 0
# Counts no further than the minimum, so that a campaign for everybody costs next to nothing.
# Says the same as Selection.people(), which answers for one campaign; a test compares the two.
FEW = """
WITH RECURSIVE works_in (department, within) AS (
    SELECT id, id FROM ambassadors_department
    UNION
    SELECT works_in.department, above.parent_id
    FROM works_in JOIN ambassadors_department above ON above.id = works_in.within
    WHERE above.parent_id IS NOT NULL
)
SELECT audience.campaign_id
FROM campaigns_audience audience
WHERE %(minimum)s > (
    SELECT count(*) FROM (
        SELECT 1
        FROM ambassadors_ambassador member
        JOIN ambassadors_user person ON person.id = member.user_id AND person.is_active
        LEFT JOIN ambassadors_person works ON works.user_id = person.id
        WHERE member.state = ANY (%(enrolled)s)
        AND (
            NOT EXISTS (
                SELECT FROM campaigns_audience_departments said WHERE said.audience_id = audience.id
            ) OR EXISTS (
                SELECT FROM campaigns_audience_departments said
                JOIN works_in ON works_in.within = said.department_id
                WHERE said.audience_id = audience.id
                AND works_in.department IN (works.department_id, works.team_id)
            )
        )
        AND (
            NOT EXISTS (
                SELECT FROM campaigns_audience_locations said WHERE said.audience_id = audience.id
            ) OR EXISTS (
                SELECT FROM campaigns_audience_locations said
                WHERE said.audience_id = audience.id AND said.location_id = works.location_id
            )
        )
        AND (audience.languages = '{}' OR person.language = ANY (audience.languages))
        AND (audience.tags = '{}' OR works.tags && audience.tags)
        AND NOT EXISTS (
            SELECT FROM campaigns_audience_excluded_departments said
            JOIN works_in ON works_in.within = said.department_id
            WHERE said.audience_id = audience.id
            AND works_in.department IN (works.department_id, works.team_id)
        )
        AND NOT EXISTS (
            SELECT FROM campaigns_audience_excluded_people said
            WHERE said.audience_id = audience.id AND said.user_id = person.id
        )
        LIMIT %(minimum)s
    ) counted
)
"""
NARROWED = """
AND (
    audience.languages <> '{}' OR audience.tags <> '{}' OR audience.id IN (
        SELECT audience_id FROM campaigns_audience_departments
        UNION ALL SELECT audience_id FROM campaigns_audience_locations
        UNION ALL SELECT audience_id FROM campaigns_audience_excluded_departments
        UNION ALL SELECT audience_id FROM campaigns_audience_excluded_people
    )
)
"""
ENROLLED = [Ambassador.State.JOINING, Ambassador.State.ACTIVE, Ambassador.State.PAUSED]


def meant_for_few() -> set[int]:
    """Campaigns (keys) with a narrowed audience of fewer enrolled people than may be told about.

    A campaign for everybody is never one of them: its group is the whole programme.
    """
    with connection.cursor() as cursor:
        values = {"minimum": settings.MINIMUM_GROUP, "enrolled": [str(s) for s in ENROLLED]}
        cursor.execute(FEW + NARROWED, values)
        return {campaign for (campaign,) in cursor.fetchall()}


def meant_only_for(hidden: Collection[int | None]) -> set[int]:
    """Campaigns (keys) that name departments, all of them among the hidden ones.

    With CUSTOMERS among them: those meant for customers alone, too.
    """
    if not hidden:
        return set()
    theirs = _for_customers_alone() if CUSTOMERS in hidden else set()
    parents = dict(Department.objects.values_list("pk", "parent_id"))
    named: dict[int, set[int]] = {}
    said = Audience.departments.through.objects.values_list("audience__campaign", "department")
    for campaign, department in said:
        named.setdefault(campaign, set()).add(_top(department, parents))
    told = {campaign for campaign, departments in named.items() if departments <= set(hidden)}
    return told | theirs


def _for_customers_alone():
    meant = Audience.objects.filter(who=Who.CUSTOMERS)
    return set(meant.values_list("campaign", flat=True))


def _top(department, parents):
    while parents.get(department):
        department = parents[department]
    return department
