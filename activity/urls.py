from django.urls import include, path

from activity import views

app_name = "activity"
urlpatterns = [
    path("notifications/", views.notification_list, name="notification-list"),
    path("notifications/read/", views.notification_read_all, name="notification-read-all"),
    path("notifications/<uuid:pk>/", views.notification_open, name="notification-open"),
    path("preferences/", views.preferences_page, name="preferences"),
    path("push/", include("activity.push.urls")),
    path("u/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("", include("activity.desk.urls")),
    path("", include("activity.mailing.urls")),
]
