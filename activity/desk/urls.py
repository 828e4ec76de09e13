from django.urls import path

from activity.desk import views

urlpatterns = [
    path("sending/", views.sending_health, name="sending-health"),
    path("sending/messages/", views.sending_list, name="sending-list"),
    path("sending/messages/again/", views.sending_again, name="sending-again"),
    path("sending/mails/", views.sending_mails, name="sending-mails"),
    path("sending/mails/<str:name>/", views.sending_mail, name="sending-mail"),
    path("sending/mails/<str:name>/as-sent/", views.sending_letter, name="sending-letter"),
    path("sending/test/", views.sending_test, name="sending-test"),
    path("sending/pause/", views.sending_pause, name="sending-pause"),
    path("sending/resume/", views.sending_resume, name="sending-resume"),
]
