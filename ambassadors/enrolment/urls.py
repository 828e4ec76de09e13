from django.urls import path

from ambassadors.enrolment import people, views

urlpatterns = [
    path("people/", people.person_list, name="person-list"),
    path("people/invite/", people.person_invite, name="person-invite"),
    path("join/", views.invitation_answer, name="invitation-answer"),
    path("join/again/", views.invitation_renew, name="invitation-renew"),
    path("join/<str:token>/", views.invitation_open, name="invitation-open"),
    path("charter/", views.charter_detail, name="charter-detail"),
    path("charter/accept/", views.charter_accept, name="charter-accept"),
    path("programme/join/", views.programme_join, name="programme-join"),
    path("programme/leave/", views.programme_leave, name="programme-leave"),
]
