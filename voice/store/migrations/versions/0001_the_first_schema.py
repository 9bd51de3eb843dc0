"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from voice.store.columns import Moment

revision = "0001"
down_revision = None


def upgrade() -> None:
    """To this revision."""
    _create_accounts()
    _create_applications()
    _create_callbacks()
    _create_calls()
    _create_conferences()
    _create_incoming_phone_numbers()
    _create_keys()
    _create_notifications()
    _create_outgoing_caller_ids()
    _create_queues()
    _create_recordings()
    _create_sip_credential_lists()
    _create_sip_credentials()
    _create_sip_domains()
    _create_sip_ip_access_control_lists()
    _create_sip_ip_addresses()
    _create_sip_mappings()
    _create_sip_registrations()
    _create_transcriptions()


def downgrade() -> None:
    """Back from this revision."""
    op.drop_index("ix_transcriptions_status", table_name="transcriptions")
    op.drop_index("ix_transcriptions_recording_sid", table_name="transcriptions")
    op.drop_index("ix_transcriptions_age", table_name="transcriptions")
    op.drop_table("transcriptions")
    op.drop_table("sip_registrations")
    op.drop_table("sip_mappings")
    op.drop_index("ix_sip_ip_addresses_list", table_name="sip_ip_addresses")
    op.drop_index("ix_sip_ip_addresses_age", table_name="sip_ip_addresses")
    op.drop_table("sip_ip_addresses")
    op.drop_index("ix_sip_ip_access_control_lists_age", table_name="sip_ip_access_control_lists")
    op.drop_table("sip_ip_access_control_lists")
    op.drop_index("uq_sip_domains_domain_name", table_name="sip_domains")
    op.drop_index("ix_sip_domains_age", table_name="sip_domains")
    op.drop_table("sip_domains")
    op.drop_index("uq_sip_credentials_username", table_name="sip_credentials")
    op.drop_index("ix_sip_credentials_age", table_name="sip_credentials")
    op.drop_table("sip_credentials")
    op.drop_index("ix_sip_credential_lists_age", table_name="sip_credential_lists")
    op.drop_table("sip_credential_lists")
    op.drop_index("ix_recordings_status", table_name="recordings")
    op.drop_index("ix_recordings_conference_sid", table_name="recordings")
    op.drop_index("ix_recordings_call_sid", table_name="recordings")
    op.drop_index("ix_recordings_age", table_name="recordings")
    op.drop_table("recordings")
    op.drop_index("ix_queues_age", table_name="queues")
    op.drop_table("queues")
    op.drop_index("uq_outgoing_caller_ids_phone_number", table_name="outgoing_caller_ids")
    op.drop_index("ix_outgoing_caller_ids_age", table_name="outgoing_caller_ids")
    op.drop_table("outgoing_caller_ids")
    op.drop_index("ix_notifications_call_sid", table_name="notifications")
    op.drop_index("ix_notifications_age", table_name="notifications")
    op.drop_table("notifications")
    op.drop_index("ix_keys_age", table_name="keys")
    op.drop_table("keys")
    op.drop_index("uq_incoming_phone_numbers_phone_number", table_name="incoming_phone_numbers")
    op.drop_index("ix_incoming_phone_numbers_age", table_name="incoming_phone_numbers")
    op.drop_table("incoming_phone_numbers")
    op.drop_index("ix_conferences_status", table_name="conferences")
    op.drop_index("ix_conferences_age", table_name="conferences")
    op.drop_table("conferences")
    op.drop_index("ix_calls_status", table_name="calls")
    op.drop_index("ix_calls_start_time", table_name="calls")
    op.drop_index("ix_calls_parent_call_sid", table_name="calls")
    op.drop_index("ix_calls_age", table_name="calls")
    op.drop_table("calls")
    op.drop_table("callbacks")
    op.drop_index("ix_applications_age", table_name="applications")
    op.drop_table("applications")
    op.drop_index("ix_accounts_age", table_name="accounts")
    op.drop_table("accounts")


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("account_sid", sa.String(length=34), nullable=False),
        sa.Column("date_created", Moment(), nullable=False),
        sa.Column("date_updated", Moment(), nullable=False),
        sa.Column("owner_account_sid", sa.String(length=34), nullable=True),
        sa.Column("auth_token", sa.Text(), nullable=False),
        sa.Column("friendly_name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_accounts")),
    )
    op.create_index("ix_accounts_age", "accounts", ["account_sid", "date_created", "sid"], unique=False)


def _create_applications() -> None:
    op.create_table(
        "applications",
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("account_sid", sa.String(length=34), nullable=False),
        sa.Column("date_created", Moment(), nullable=False),
        sa.Column("date_updated", Moment(), nullable=False),
        sa.Column("friendly_name", sa.Text(), nullable=False),
        sa.Column("api_version", sa.Text(), nullable=False),
        sa.Column("voice_url", sa.Text(), nullable=True),
        sa.Column("voice_method", sa.Text(), nullable=False),
        sa.Column("voice_fallback_url", sa.Text(), nullable=True),
        sa.Column("voice_fallback_method", sa.Text(), nullable=False),
        sa.Column("status_callback", sa.Text(), nullable=True),
        sa.Column("status_callback_method", sa.Text(), nullable=False),
        sa.Column("sms_url", sa.Text(), nullable=True),
        sa.Column("sms_method", sa.Text(), nullable=False),
        sa.Column("sms_fallback_url", sa.Text(), nullable=True),
        sa.Column("sms_fallback_method", sa.Text(), nullable=False),
        sa.Column("sms_status_callback", sa.Text(), nullable=True),
        sa.Column("message_status_callback", sa.Text(), nullable=True),
        sa.Column("voice_caller_id_lookup", sa.Boolean(), nullable=False),
        sa.Column("public_application_connect_enabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_applications")),
    )
    op.create_index("ix_applications_age", "applications", ["account_sid", "date_created", "sid"], unique=False)


def _create_callbacks() -> None:
    op.create_table(
        "callbacks",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("account_sid", sa.String(length=34), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callbacks")),
    )


def _create_calls() -> None:
    op.create_table(
        "calls",
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("account_sid", sa.String(length=34), nullable=False),
        sa.Column("date_created", Moment(), nullable=False),
        sa.Column("date_updated", Moment(), nullable=False),
        sa.Column("parent_call_sid", sa.String(length=34), nullable=True),
        sa.Column("phone_number_sid", sa.String(length=34), nullable=True),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("from", sa.Text(), nullable=False),
        sa.Column("caller_name", sa.Text(), nullable=True),
        sa.Column("forwarded_from", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("start_time", Moment(), nullable=True),
        sa.Column("end_time", Moment(), nullable=True),
        sa.Column("duration", sa.Integer(), nullable=True),
        sa.Column("queue_time", sa.Integer(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("price", sa.Text(), nullable=True),
        sa.Column("price_unit", sa.Text(), nullable=False),
        sa.Column("sip_call_id", sa.Text(), nullable=False),
        sa.Column("response_code", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=True),
        sa.Column("subscriptions", sa.JSON(), nullable=True),
        sa.Column("order", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_calls")),
    )
    op.create_index("ix_calls_age", "calls", ["account_sid", "date_created", "sid"], unique=False)
    op.create_index("ix_calls_parent_call_sid", "calls", ["parent_call_sid"], unique=False)
    op.create_index("ix_calls_start_time", "calls", ["account_sid", "start_time"], unique=False)
    op.create_index("ix_calls_status", "calls", ["status"], unique=False)


def _create_conferences() -> None:
    op.create_table(
        "conferences",
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("account_sid", sa.String(length=34), nullable=False),
        sa.Column("date_created", Moment(), nullable=False),
        sa.Column("date_updated", Moment(), nullable=False),
        sa.Column("friendly_name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("reason_conference_ended", sa.Text(), nullable=True),
        sa.Column("call_sid_ending_conference", sa.String(length=34), nullable=True),
        sa.Column("node", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_conferences")),
    )
    op.create_index("ix_conferences_age", "conferences", ["account_sid", "date_created", "sid"], unique=False)
    op.create_index("ix_conferences_status", "conferences", ["status"], unique=False)


def _create_incoming_phone_numbers() -> None:
    op.create_table(
        "incoming_phone_numbers",
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("account_sid", sa.String(length=34), nullable=False),
        sa.Column("date_created", Moment(), nullable=False),
        sa.Column("date_updated", Moment(), nullable=False),
        sa.Column("phone_number", sa.Text(), nullable=False),
        sa.Column("friendly_name", sa.Text(), nullable=False),
        sa.Column("api_version", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("voice_url", sa.Text(), nullable=True),
        sa.Column("voice_method", sa.Text(), nullable=False),
        sa.Column("voice_fallback_url", sa.Text(), nullable=True),
        sa.Column("voice_fallback_method", sa.Text(), nullable=False),
        sa.Column("status_callback", sa.Text(), nullable=True),
        sa.Column("status_callback_method", sa.Text(), nullable=False),
        sa.Column("sms_url", sa.Text(), nullable=True),
        sa.Column("sms_method", sa.Text(), nullable=False),
        sa.Column("sms_fallback_url", sa.Text(), nullable=True),
        sa.Column("sms_fallback_method", sa.Text(), nullable=False),
        sa.Column("voice_application_sid", sa.String(length=34), nullable=True),
        sa.Column("sms_application_sid", sa.String(length=34), nullable=True),
        sa.Column("trunk_sid", sa.String(length=34), nullable=True),
        sa.Column("voice_caller_id_lookup", sa.Boolean(), nullable=False),
        sa.Column("voice_receive_mode", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("address_sid", sa.String(length=34), nullable=True),
        sa.Column("identity_sid", sa.String(length=34), nullable=True),
        sa.Column("bundle_sid", sa.String(length=34), nullable=True),
        sa.Column("emergency_status", sa.Text(), nullable=False),
        sa.Column("emergency_address_sid", sa.String(length=34), nullable=True),
        sa.Column("configured", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_incoming_phone_numbers")),
    )
    op.create_index(
        "ix_incoming_phone_numbers_age", "incoming_phone_numbers", ["account_sid", "date_created", "sid"], unique=False
    )
    op.create_index("uq_incoming_phone_numbers_phone_number", "incoming_phone_numbers", ["phone_number"], unique=True)


def _create_keys() -> None:
    op.create_table(
        "keys",
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("account_sid", sa.String(length=34), nullable=False),
        sa.Column("date_created", Moment(), nullable=False),
        sa.Column("date_updated", Moment(), nullable=False),
        sa.Column("friendly_name", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("main", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_keys")),
    )
    op.create_index("ix_keys_age", "keys", ["account_sid", "date_created", "sid"], unique=False)


def _create_notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("account_sid", sa.String(length=34), nullable=False),
        sa.Column("date_created", Moment(), nullable=False),
        sa.Column("date_updated", Moment(), nullable=False),
        sa.Column("call_sid", sa.String(length=34), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=False),
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("message_date", Moment(), nullable=True),
        sa.Column("message_text", sa.Text(), nullable=False),
        sa.Column("request_method", sa.Text(), nullable=True),
        sa.Column("request_url", sa.Text(), nullable=True),
        sa.Column("request_variables", sa.Text(), nullable=True),
        sa.Column("response_body", sa.Text(), nullable=True),
        sa.Column("response_headers", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_notifications")),
    )
    op.create_index("ix_notifications_age", "notifications", ["account_sid", "date_created", "sid"], unique=False)
    op.create_index("ix_notifications_call_sid", "notifications", ["call_sid"], unique=False)


def _create_outgoing_caller_ids() -> None:
    op.create_table(
        "outgoing_caller_ids",
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("account_sid", sa.String(length=34), nullable=False),
        sa.Column("date_created", Moment(), nullable=False),
        sa.Column("date_updated", Moment(), nullable=False),
        sa.Column("phone_number", sa.Text(), nullable=False),
        sa.Column("friendly_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_outgoing_caller_ids")),
    )
    op.create_index("ix_outgoing_caller_ids_age", "outgoing_caller_ids", ["account_sid", "date_created", "sid"], unique=False)
    op.create_index("uq_outgoing_caller_ids_phone_number", "outgoing_caller_ids", ["account_sid", "phone_number"], unique=True)


def _create_queues() -> None:
    op.create_table(
        "queues",
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("account_sid", sa.String(length=34), nullable=False),
        sa.Column("date_created", Moment(), nullable=False),
        sa.Column("date_updated", Moment(), nullable=False),
        sa.Column("friendly_name", sa.Text(), nullable=False),
        sa.Column("max_size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_queues")),
    )
    op.create_index("ix_queues_age", "queues", ["account_sid", "date_created", "sid"], unique=False)


def _create_recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("account_sid", sa.String(length=34), nullable=False),
        sa.Column("date_created", Moment(), nullable=False),
        sa.Column("date_updated", Moment(), nullable=False),
        sa.Column("call_sid", sa.String(length=34), nullable=True),
        sa.Column("conference_sid", sa.String(length=34), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("track", sa.Text(), nullable=False),
        sa.Column("channels", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("start_time", Moment(), nullable=True),
        sa.Column("price", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("trim", sa.Boolean(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("subscription", sa.JSON(), nullable=True),
        sa.Column("transcription", sa.JSON(), nullable=True),
        sa.Column("date_deleted", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_recordings")),
    )
    op.create_index("ix_recordings_age", "recordings", ["account_sid", "date_created", "sid"], unique=False)
    op.create_index("ix_recordings_call_sid", "recordings", ["call_sid"], unique=False)
    op.create_index("ix_recordings_conference_sid", "recordings", ["conference_sid"], unique=False)
    op.create_index("ix_recordings_status", "recordings", ["status"], unique=False)


def _create_sip_credential_lists() -> None:
    op.create_table(
        "sip_credential_lists",
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("account_sid", sa.String(length=34), nullable=False),
        sa.Column("date_created", Moment(), nullable=False),
        sa.Column("date_updated", Moment(), nullable=False),
        sa.Column("friendly_name", sa.Text(), nullable=False),
        sa.Column("configured", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_sip_credential_lists")),
    )
    op.create_index("ix_sip_credential_lists_age", "sip_credential_lists", ["account_sid", "date_created", "sid"], unique=False)


def _create_sip_credentials() -> None:
    op.create_table(
        "sip_credentials",
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("account_sid", sa.String(length=34), nullable=False),
        sa.Column("date_created", Moment(), nullable=False),
        sa.Column("date_updated", Moment(), nullable=False),
        sa.Column("credential_list_sid", sa.String(length=34), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_sip_credentials")),
    )
    op.create_index("ix_sip_credentials_age", "sip_credentials", ["account_sid", "date_created", "sid"], unique=False)
    op.create_index("uq_sip_credentials_username", "sip_credentials", ["credential_list_sid", "username"], unique=True)


def _create_sip_domains() -> None:
    op.create_table(
        "sip_domains",
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("account_sid", sa.String(length=34), nullable=False),
        sa.Column("date_created", Moment(), nullable=False),
        sa.Column("date_updated", Moment(), nullable=False),
        sa.Column("domain_name", sa.Text(), nullable=False),
        sa.Column("friendly_name", sa.Text(), nullable=False),
        sa.Column("api_version", sa.Text(), nullable=False),
        sa.Column("voice_url", sa.Text(), nullable=True),
        sa.Column("voice_method", sa.Text(), nullable=False),
        sa.Column("voice_fallback_url", sa.Text(), nullable=True),
        sa.Column("voice_fallback_method", sa.Text(), nullable=False),
        sa.Column("voice_status_callback_url", sa.Text(), nullable=True),
        sa.Column("voice_status_callback_method", sa.Text(), nullable=False),
        sa.Column("sip_registration", sa.Boolean(), nullable=False),
        sa.Column("secure", sa.Boolean(), nullable=False),
        sa.Column("emergency_calling_enabled", sa.Boolean(), nullable=False),
        sa.Column("emergency_caller_sid", sa.String(length=34), nullable=True),
        sa.Column("byoc_trunk_sid", sa.String(length=34), nullable=True),
        sa.Column("configured", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_sip_domains")),
    )
    op.create_index("ix_sip_domains_age", "sip_domains", ["account_sid", "date_created", "sid"], unique=False)
    op.create_index("uq_sip_domains_domain_name", "sip_domains", ["domain_name"], unique=True)


def _create_sip_ip_access_control_lists() -> None:
    op.create_table(
        "sip_ip_access_control_lists",
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("account_sid", sa.String(length=34), nullable=False),
        sa.Column("date_created", Moment(), nullable=False),
        sa.Column("date_updated", Moment(), nullable=False),
        sa.Column("friendly_name", sa.Text(), nullable=False),
        sa.Column("configured", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_sip_ip_access_control_lists")),
    )
    op.create_index(
        "ix_sip_ip_access_control_lists_age", "sip_ip_access_control_lists", ["account_sid", "date_created", "sid"], unique=False
    )


def _create_sip_ip_addresses() -> None:
    op.create_table(
        "sip_ip_addresses",
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("account_sid", sa.String(length=34), nullable=False),
        sa.Column("date_created", Moment(), nullable=False),
        sa.Column("date_updated", Moment(), nullable=False),
        sa.Column("ip_access_control_list_sid", sa.String(length=34), nullable=False),
        sa.Column("friendly_name", sa.Text(), nullable=False),
        sa.Column("ip_address", sa.Text(), nullable=False),
        sa.Column("cidr_prefix_length", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_sip_ip_addresses")),
    )
    op.create_index("ix_sip_ip_addresses_age", "sip_ip_addresses", ["account_sid", "date_created", "sid"], unique=False)
    op.create_index("ix_sip_ip_addresses_list", "sip_ip_addresses", ["ip_access_control_list_sid"], unique=False)


def _create_sip_mappings() -> None:
    op.create_table(
        "sip_mappings",
        sa.Column("domain_sid", sa.String(length=34), nullable=False),
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("purpose", sa.String(length=34), nullable=False),
        sa.Column("account_sid", sa.String(length=34), nullable=False),
        sa.Column("date_created", Moment(), nullable=False),
        sa.Column("date_updated", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("domain_sid", "sid", "purpose", name=op.f("pk_sip_mappings")),
    )


def _create_sip_registrations() -> None:
    op.create_table(
        "sip_registrations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("expires", Moment(), nullable=False),
        sa.Column("binding", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sip_registrations")),
    )


def _create_transcriptions() -> None:
    op.create_table(
        "transcriptions",
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("account_sid", sa.String(length=34), nullable=False),
        sa.Column("date_created", Moment(), nullable=False),
        sa.Column("date_updated", Moment(), nullable=False),
        sa.Column("recording_sid", sa.String(length=34), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("duration", sa.Integer(), nullable=True),
        sa.Column("transcription_text", sa.Text(), nullable=False),
        sa.Column("price", sa.Text(), nullable=True),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=True),
        sa.Column("parameters", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_transcriptions")),
    )
    op.create_index("ix_transcriptions_age", "transcriptions", ["account_sid", "date_created", "sid"], unique=False)
    op.create_index("ix_transcriptions_recording_sid", "transcriptions", ["recording_sid"], unique=False)
    op.create_index("ix_transcriptions_status", "transcriptions", ["status"], unique=False)
