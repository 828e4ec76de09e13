from django.urls import path

from ambassadors.enrolment import charter_pages, customers, departments, people, views

urlpatterns = [
    path("people/", people.person_list, name="person-list"),
    path("people/invite/", people.person_invite, name="person-invite"),
    path("people/customers/", customers.customer_list, name="customer-list"),
    path("departments/", departments.department_list, name="department-list"),
    path("departments/add/", departments.department_add, name="department-add"),
    path("departments/<int:pk>/", departments.department_detail, name="department-detail"),
    path("departments/<int:pk>/rename/", departments.department_rename, name="department-rename"),
    path("departments/<int:pk>/move/", departments.department_move, name="department-move"),
    path("departments/<int:pk>/merge/", departments.department_merge, name="department-merge"),
    path("departments/<int:pk>/close/", departments.department_close, name="department-close"),
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
