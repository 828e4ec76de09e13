from django.urls import path

from campaigns.approval import queue

urlpatterns = [
    path("approvals/", queue.approval_queue, name="approval-queue"),
    path("approvals/content/<int:pk>/approve/", queue.content_approve, name="content-approve"),
    path(
        "approvals/content/<int:pk>/request-changes/",
        queue.content_request_changes,
        name="content-request-changes",
    ),
    path("approvals/texts/<int:pk>/approve/", queue.caption_approve, name="caption-approve"),
    path(
        "approvals/texts/<int:pk>/request-changes/",
        queue.caption_request_changes,
        name="caption-request-changes",
    ),
]
