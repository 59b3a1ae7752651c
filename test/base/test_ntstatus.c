/* test_ntstatus.c: the table of NTSTATUS values.  Source of values and names: MS-ERREF 2.3.1. */
#include "base/ntstatus.h"
#include "test/run.h"

#include <string.h>

static const uint32_t all[] = {
#define X(status, name, code, meaning, advice) status,
#include "base/ntstatus_table.h"
#undef X
};

static const struct {
    enum nt_status status;
    const char *name;
} named[] = {
    {STATUS_SUCCESS, "STATUS_SUCCESS"},
    {STATUS_PENDING, "STATUS_PENDING"},
    {STATUS_NOTIFY_ENUM_DIR, "STATUS_NOTIFY_ENUM_DIR"},
    {STATUS_BUFFER_OVERFLOW, "STATUS_BUFFER_OVERFLOW"},
    {STATUS_NO_MORE_FILES, "STATUS_NO_MORE_FILES"},
    {STATUS_STOPPED_ON_SYMLINK, "STATUS_STOPPED_ON_SYMLINK"},
    {STATUS_INVALID_INFO_CLASS, "STATUS_INVALID_INFO_CLASS"},
    {STATUS_INFO_LENGTH_MISMATCH, "STATUS_INFO_LENGTH_MISMATCH"},
    {STATUS_INVALID_PARAMETER, "STATUS_INVALID_PARAMETER"},
    {STATUS_NO_SUCH_FILE, "STATUS_NO_SUCH_FILE"},
    {STATUS_INVALID_DEVICE_REQUEST, "STATUS_INVALID_DEVICE_REQUEST"},
    {STATUS_END_OF_FILE, "STATUS_END_OF_FILE"},
    {STATUS_MORE_PROCESSING_REQUIRED, "STATUS_MORE_PROCESSING_REQUIRED"},
    {STATUS_ACCESS_DENIED, "STATUS_ACCESS_DENIED"},
    {STATUS_BUFFER_TOO_SMALL, "STATUS_BUFFER_TOO_SMALL"},
    {STATUS_OBJECT_NAME_INVALID, "STATUS_OBJECT_NAME_INVALID"},
    {STATUS_OBJECT_NAME_NOT_FOUND, "STATUS_OBJECT_NAME_NOT_FOUND"},
    {STATUS_OBJECT_NAME_COLLISION, "STATUS_OBJECT_NAME_COLLISION"},
    {STATUS_OBJECT_PATH_NOT_FOUND, "STATUS_OBJECT_PATH_NOT_FOUND"},
    {STATUS_SHARING_VIOLATION, "STATUS_SHARING_VIOLATION"},
    {STATUS_DELETE_PENDING, "STATUS_DELETE_PENDING"},
    {STATUS_LOGON_FAILURE, "STATUS_LOGON_FAILURE"},
    {STATUS_DISK_FULL, "STATUS_DISK_FULL"},
    {STATUS_INSUFFICIENT_RESOURCES, "STATUS_INSUFFICIENT_RESOURCES"},
    {STATUS_FILE_IS_A_DIRECTORY, "STATUS_FILE_IS_A_DIRECTORY"},
    {STATUS_NOT_SUPPORTED, "STATUS_NOT_SUPPORTED"},
    {STATUS_NETWORK_NAME_DELETED, "STATUS_NETWORK_NAME_DELETED"},
    {STATUS_BAD_NETWORK_NAME, "STATUS_BAD_NETWORK_NAME"},
    {STATUS_REQUEST_NOT_ACCEPTED, "STATUS_REQUEST_NOT_ACCEPTED"},
    {STATUS_DIRECTORY_NOT_EMPTY, "STATUS_DIRECTORY_NOT_EMPTY"},
    {STATUS_NOT_A_DIRECTORY, "STATUS_NOT_A_DIRECTORY"},
    {STATUS_CANCELLED, "STATUS_CANCELLED"},
    {STATUS_CANNOT_DELETE, "STATUS_CANNOT_DELETE"},
    {STATUS_FILE_CLOSED, "STATUS_FILE_CLOSED"},
    {STATUS_USER_SESSION_DELETED, "STATUS_USER_SESSION_DELETED"},
    {STATUS_INSUFF_SERVER_RESOURCES, "STATUS_INSUFF_SERVER_RESOURCES"},
    {STATUS_PATH_NOT_COVERED, "STATUS_PATH_NOT_COVERED"},
    {STATUS_NETWORK_SESSION_EXPIRED, "STATUS_NETWORK_SESSION_EXPIRED"},
    {STATUS_REQUEST_OUT_OF_SEQUENCE, "STATUS_REQUEST_OUT_OF_SEQUENCE"},
};

static enum lsmb_code code_of(enum nt_status status)
{
    const struct nt_status_info *info = nt_status_find((uint32_t)status);

    ck_assert_ptr_nonnull(info);
    return info->code;
}

START_TEST(the_table_is_in_ascending_order)
{
    ck_assert_uint_eq(sizeof all / sizeof all[0], 193);
    for (size_t i = 1; i < sizeof all / sizeof all[0]; i++) {
        ck_assert_msg(all[i - 1] < all[i], "0x%08X is out of order", all[i]);
    }
}
END_TEST

START_TEST(every_entry_is_found_and_fit_for_an_error)
{
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const struct nt_status_info *info = nt_status_find(all[i]);
        ck_assert_ptr_nonnull(info);
        ck_assert_uint_eq(info->status, all[i]);
        ck_assert_int_eq(strncmp(info->name, "STATUS_", 7), 0);
        ck_assert_uint_gt(strlen(info->meaning), 0);
        ck_assert_uint_lt(strlen(info->advice), sizeof((struct lsmb_error *)0)->advice);
        ck_assert_int_eq(info->code == LSMB_OK, all[i] == 0);
    }
}
END_TEST

START_TEST(what_the_code_looks_at_has_its_name_in_the_table)
{
    char room[11];

    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        ck_assert_str_eq(nt_status_name((uint32_t)named[i].status, room), named[i].name);
    }
}
END_TEST

START_TEST(an_unknown_status_is_written_as_a_number)
{
    char room[11];

    ck_assert_ptr_null(nt_status_find(0xFFFFFFFF));
    ck_assert_ptr_null(nt_status_find(1));
    ck_assert_str_eq(nt_status_name(0xC0001234, room), "0xC0001234");
    ck_assert_str_eq(nt_status_name(1, room), "0x00000001");
}
END_TEST

START_TEST(statuses_count_as_what_a_caller_can_act_on)
{
    ck_assert_int_eq(code_of(STATUS_LOGON_FAILURE), LSMB_E_AUTH);
    ck_assert_int_eq(code_of(STATUS_ACCESS_DENIED), LSMB_E_DENIED);
    ck_assert_int_eq(code_of(STATUS_SHARING_VIOLATION), LSMB_E_DENIED);
    ck_assert_int_eq(code_of(STATUS_CANNOT_DELETE), LSMB_E_DENIED);
    ck_assert_int_eq(code_of(STATUS_OBJECT_NAME_NOT_FOUND), LSMB_E_NOT_FOUND);
    ck_assert_int_eq(code_of(STATUS_OBJECT_PATH_NOT_FOUND), LSMB_E_NOT_FOUND);
    ck_assert_int_eq(code_of(STATUS_NO_SUCH_FILE), LSMB_E_NOT_FOUND);
    ck_assert_int_eq(code_of(STATUS_BAD_NETWORK_NAME), LSMB_E_NOT_FOUND);
    ck_assert_int_eq(code_of(STATUS_NETWORK_NAME_DELETED), LSMB_E_NETWORK);
    ck_assert_int_eq(code_of(STATUS_DISK_FULL), LSMB_E_STATUS);
    ck_assert_int_eq(nt_status_find(0xC00000B5)->code, LSMB_E_TIMEOUT); /* IO_TIMEOUT */
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "base/ntstatus", the_table_is_in_ascending_order, every_entry_is_found_and_fit_for_an_error,
        what_the_code_looks_at_has_its_name_in_the_table, an_unknown_status_is_written_as_a_number,
        statuses_count_as_what_a_caller_can_act_on);
}
