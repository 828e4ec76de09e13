from django.urls import path, re_path

from campaigns.reach import keeping, views

urlpatterns = [
    path("reach/", views.reach_report, name="reach-report"),
    re_path(r"^reach/reach\.(?P<format>csv|xlsx)$", views.reach_export, name="reach-export"),
    path("reach/items/<int:pk>/", views.reach_item, name="reach-item"),
    path("reach/efforts/", views.reach_efforts, name="reach-efforts"),
    path("reach/definitions/", views.reach_definitions, name="reach-definitions"),
    path("reach/settings/", views.reach_settings, name="reach-settings"),
    path("reach/views/", keeping.reach_view_list, name="reach-view-list"),
    path("reach/views/new/", keeping.reach_view_new, name="reach-view-new"),
    path("reach/views/<int:pk>/", keeping.reach_view_edit, name="reach-view-edit"),
    path("reach/views/<int:pk>/mail/", keeping.reach_view_mail, name="reach-view-mail"),
    path("reach/views/<int:pk>/remove/", keeping.reach_view_remove, name="reach-view-remove"),
    path("reach/mail/<int:pk>/leave/", keeping.reach_mail_leave, name="reach-mail-leave"),
    path("reach/freeze/", keeping.reach_freeze, name="reach-freeze"),
    path("reach/frozen/<uuid:pk>/", keeping.reach_frozen, name="reach-frozen"),
]
