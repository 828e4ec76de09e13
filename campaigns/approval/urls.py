from django.urls import path

from campaigns.approval import decisions, queue, together

urlpatterns = [
    path("approvals/", queue.approval_queue, name="approval-queue"),
    path("approvals/together/", together.approve_together, name="approve-together"),
    path("approvals/content/<int:pk>/approve/", decisions.content_approve, name="content-approve"),
    path(
        "approvals/content/<int:pk>/request-changes/",
        decisions.content_request_changes,
        name="content-request-changes",
    ),
    path("approvals/texts/<int:pk>/approve/", decisions.caption_approve, name="caption-approve"),
    path(
        "approvals/texts/<int:pk>/request-changes/",
        decisions.caption_request_changes,
        name="caption-request-changes",
    ),
    path(
        "approvals/campaigns/<int:pk>/approve/",
        decisions.campaign_approve,
        name="approval-campaign-approve",
    ),
    path(
        "approvals/campaigns/<int:pk>/request-changes/",
        decisions.campaign_request_changes,
        name="approval-campaign-request-changes",
    ),
    path(
        "approvals/proposals/<int:pk>/take-up/", decisions.proposal_take_up, name="proposal-take-up"
    ),
    path(
        "approvals/proposals/<int:pk>/decline/", decisions.proposal_decline, name="proposal-decline"
    ),
    path("approvals/drafts/<int:pk>/take-up/", decisions.sighting_take_up, name="sighting-take-up"),
    path("approvals/drafts/<int:pk>/decline/", decisions.sighting_decline, name="sighting-decline"),
]
