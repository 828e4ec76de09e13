from django.urls import path

from ambassadors.enrolment import charter_pages, customers, people, views

urlpatterns = [
    path("people/", people.person_list, name="person-list"),
    path("people/invite/", people.person_invite, name="person-invite"),
    path("people/customers/", customers.customer_list, name="customer-list"),
    path("join/", views.invitation_answer, name="invitation-answer"),
    path("join/again/", views.invitation_renew, name="invitation-renew"),
    path("join/<str:token>/", views.invitation_open, name="invitation-open"),
    path("charter/", views.charter_detail, name="charter-detail"),
    path("charter/accept/", views.charter_accept, name="charter-accept"),
    path("charters/", charter_pages.charter_list, name="charter-list"),
    path("charters/<str:belonging>/next/", charter_pages.charter_write, name="charter-write"),
    path("charters/<int:pk>/", charter_pages.charter_acceptances, name="charter-acceptances"),
    path("charters/<int:pk>/export/", charter_pages.charter_export, name="charter-export"),
    path("programme/join/", views.programme_join, name="programme-join"),
    path("programme/leave/", views.programme_leave, name="programme-leave"),
]
