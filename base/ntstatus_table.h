/* ntstatus_table.h: X(value, name without STATUS_, code, meaning, advice), ascending by value.
 *
 * Values and names are those of MS-ERREF 2.3.1, limited to what SMB servers send.  Meanings continue
 * "step path: [NtStatus NAME] ..."; advice is for the person who reads the error, "" where nothing
 * general can be said. */
/* clang-format off */
X(0x00000000, SUCCESS, LSMB_OK, "completed", "")
X(0x00000103, PENDING, LSMB_E_STATUS,
  "interim answer: the server works on it asynchronously; the real answer follows", "")
X(0x00000104, REPARSE, LSMB_E_STATUS, "object is a reparse point to be followed", "")
X(0x00000105, MORE_ENTRIES, LSMB_E_STATUS, "more data can be fetched with another call", "")
X(0x0000010B, NOTIFY_CLEANUP, LSMB_E_STATUS,
  "directory handle of a pending change notify was closed", "")
X(0x0000010C, NOTIFY_ENUM_DIR, LSMB_E_STATUS, "too many changes to list: rescan the directory", "")
X(0x40000000, OBJECT_NAME_EXISTS, LSMB_E_STATUS,
  "object already existed and was opened instead of created", "")
X(0x80000005, BUFFER_OVERFLOW, LSMB_E_STATUS,
  "answer truncated to the buffer; the returned part is valid", "")
X(0x80000006, NO_MORE_FILES, LSMB_E_STATUS, "directory enumeration finished", "")
X(0x8000000D, PARTIAL_COPY, LSMB_E_STATUS, "only part of the copy was done", "")
X(0x80000011, DEVICE_BUSY, LSMB_E_STATUS, "device currently in use", "try again later")
X(0x80000012, NO_MORE_EAS, LSMB_E_STATUS, "extended attribute enumeration finished", "")
X(0x80000013, INVALID_EA_NAME, LSMB_E_STATUS, "extended attribute name is not legal", "")
X(0x80000014, EA_LIST_INCONSISTENT, LSMB_E_STATUS, "extended attribute list is malformed", "")
X(0x8000001A, NO_MORE_ENTRIES, LSMB_E_STATUS, "enumeration finished", "")
X(0x8000002D, STOPPED_ON_SYMLINK, LSMB_E_STATUS,
  "path crosses a symbolic link the client must resolve (target is in the error data)",
  "the name leads through a symbolic link: use the path it points to")
X(0xC0000001, UNSUCCESSFUL, LSMB_E_STATUS, "the server gives no reason", "")
X(0xC0000002, NOT_IMPLEMENTED, LSMB_E_STATUS, "server does not implement this", "")
X(0xC0000003, INVALID_INFO_CLASS, LSMB_E_STATUS, "unknown information class", "")
X(0xC0000004, INFO_LENGTH_MISMATCH, LSMB_E_STATUS,
  "buffer length does not fit the information class", "")
X(0xC0000005, ACCESS_VIOLATION, LSMB_E_STATUS, "bad memory reference on the server", "")
X(0xC0000008, INVALID_HANDLE, LSMB_E_STATUS, "handle is not valid", "")
X(0xC000000B, INVALID_CID, LSMB_E_STATUS, "client id not valid", "")
X(0xC000000D, INVALID_PARAMETER, LSMB_E_STATUS, "a request field is wrong", "")
X(0xC000000E, NO_SUCH_DEVICE, LSMB_E_NOT_FOUND, "device does not exist", "")
X(0xC000000F, NO_SUCH_FILE, LSMB_E_NOT_FOUND,
  "no file matches the name", "check the spelling of the name")
X(0xC0000010, INVALID_DEVICE_REQUEST, LSMB_E_STATUS,
  "operation not valid for this object or file system", "")
X(0xC0000011, END_OF_FILE, LSMB_E_STATUS, "read started at or after end of file", "")
X(0xC0000012, WRONG_VOLUME, LSMB_E_STATUS, "wrong volume in drive", "")
X(0xC0000013, NO_MEDIA_IN_DEVICE, LSMB_E_STATUS, "no medium", "")
X(0xC0000015, NONEXISTENT_SECTOR, LSMB_E_STATUS,
  "sector does not exist", "check the disk of the server")
X(0xC0000016, MORE_PROCESSING_REQUIRED, LSMB_E_STATUS,
  "authentication needs another round trip", "")
X(0xC0000017, NO_MEMORY, LSMB_E_STATUS,
  "server out of memory", "try again later, or with fewer transfers at a time")
X(0xC000001E, INVALID_LOCK_SEQUENCE, LSMB_E_STATUS, "lock request not valid in this state", "")
X(0xC000001F, INVALID_VIEW_SIZE, LSMB_E_STATUS,
  "source range of a server-side copy is outside the file", "")
X(0xC0000022, ACCESS_DENIED, LSMB_E_DENIED,
  "access denied",
  "ask the owner for access to the file and to the share; both have permissions of their own")
X(0xC0000023, BUFFER_TOO_SMALL, LSMB_E_STATUS,
  "buffer cannot hold even the fixed part; nothing was returned", "")
X(0xC0000024, OBJECT_TYPE_MISMATCH, LSMB_E_STATUS, "object is of another type", "")
X(0xC0000030, INVALID_PARAMETER_MIX, LSMB_E_STATUS, "fields contradict each other", "")
X(0xC0000033, OBJECT_NAME_INVALID, LSMB_E_STATUS,
  "name has illegal characters or form",
  "names may not hold \" * / : < > ? | or control characters, and should not end in a space or a "
  "dot")
X(0xC0000034, OBJECT_NAME_NOT_FOUND, LSMB_E_NOT_FOUND,
  "no such file or directory", "check the spelling of the name")
X(0xC0000035, OBJECT_NAME_COLLISION, LSMB_E_STATUS,
  "a file or directory of this name is already there",
  "choose another name, or allow it to be replaced")
X(0xC0000037, PORT_DISCONNECTED, LSMB_E_NETWORK, "port was disconnected", "")
X(0xC0000039, OBJECT_PATH_INVALID, LSMB_E_NOT_FOUND,
  "a component of the path is not a directory",
  "check the directories of the path: one of them is a file")
X(0xC000003A, OBJECT_PATH_NOT_FOUND, LSMB_E_NOT_FOUND,
  "a directory on the path does not exist",
  "check the spelling of the directories on the path")
X(0xC000003B, OBJECT_PATH_SYNTAX_BAD, LSMB_E_STATUS,
  "path is malformed (for example starts with a backslash)",
  "check the path: it is relative to the share, without \".\" and \"..\" components")
X(0xC000003E, DATA_ERROR, LSMB_E_STATUS, "data error", "check the disk of the server")
X(0xC000003F, CRC_ERROR, LSMB_E_STATUS, "checksum error", "check the disk of the server")
X(0xC0000040, SECTION_TOO_BIG, LSMB_E_STATUS, "section too large", "")
X(0xC0000043, SHARING_VIOLATION, LSMB_E_DENIED,
  "the file is in use: another open does not allow this access",
  "wait until the other program closes the file, or find out on the server who has it open")
X(0xC0000044, QUOTA_EXCEEDED, LSMB_E_STATUS,
  "the quota on the server is used up", "free some of the quota, or ask an administrator for more")
X(0xC000004B, THREAD_IS_TERMINATING, LSMB_E_STATUS, "a thread of the server is ending", "")
X(0xC000004F, EAS_NOT_SUPPORTED, LSMB_E_STATUS, "file system has no extended attributes", "")
X(0xC0000050, EA_TOO_LARGE, LSMB_E_STATUS, "extended attribute too large", "")
X(0xC0000051, NONEXISTENT_EA_ENTRY, LSMB_E_STATUS, "extended attribute does not exist", "")
X(0xC0000052, NO_EAS_ON_FILE, LSMB_E_STATUS, "file has no extended attributes", "")
X(0xC0000054, FILE_LOCK_CONFLICT, LSMB_E_DENIED,
  "read or write hits a byte range locked by someone else",
  "wait until the other program unlocks the file")
X(0xC0000055, LOCK_NOT_GRANTED, LSMB_E_DENIED,
  "byte-range lock conflict", "wait until the other program unlocks the file")
X(0xC0000056, DELETE_PENDING, LSMB_E_DENIED,
  "file is marked for deletion and cannot be opened",
  "wait until the last program that has it open closes it; it is deleted then")
X(0xC0000058, UNKNOWN_REVISION, LSMB_E_STATUS, "unknown structure revision", "")
X(0xC0000059, REVISION_MISMATCH, LSMB_E_STATUS, "revisions do not match", "")
X(0xC000005A, INVALID_OWNER, LSMB_E_DENIED,
  "this principal cannot own the object", "ask an administrator of the server for the privilege")
X(0xC000005E, NO_LOGON_SERVERS, LSMB_E_AUTH,
  "no domain controller reachable",
  "the server cannot reach its domain controller: try again later, or use an account of the "
  "server itself")
X(0xC000005F, NO_SUCH_LOGON_SESSION, LSMB_E_AUTH, "logon session is gone", "log on again")
X(0xC0000060, NO_SUCH_PRIVILEGE, LSMB_E_STATUS, "unknown privilege", "")
X(0xC0000061, PRIVILEGE_NOT_HELD, LSMB_E_DENIED,
  "a needed privilege is missing", "ask an administrator of the server for the privilege")
X(0xC0000062, INVALID_ACCOUNT_NAME, LSMB_E_AUTH,
  "account name is malformed",
  "check the spelling of the user, and whether the account is in another domain")
X(0xC0000064, NO_SUCH_USER, LSMB_E_AUTH,
  "no such user", "check the spelling of the user, and whether the account is in another domain")
X(0xC000006A, WRONG_PASSWORD, LSMB_E_AUTH, "wrong password", "check the password")
X(0xC000006B, ILL_FORMED_PASSWORD, LSMB_E_AUTH,
  "password has illegal characters", "check the password")
X(0xC000006C, PASSWORD_RESTRICTION, LSMB_E_AUTH,
  "password policy violated",
  "the password does not meet the policy of the domain: set another one")
X(0xC000006D, LOGON_FAILURE, LSMB_E_AUTH,
  "the user name or the password is wrong",
  "check user, domain and password; a server that accepts Kerberos only answers NTLM the same way")
X(0xC000006E, ACCOUNT_RESTRICTION, LSMB_E_AUTH,
  "account may not log on this way",
  "the account may be limited to Kerberos, or may not have an empty password: ask an "
  "administrator")
X(0xC000006F, INVALID_LOGON_HOURS, LSMB_E_AUTH,
  "logon not allowed at this time",
  "ask an administrator for the hours in which the account may log on")
X(0xC0000070, INVALID_WORKSTATION, LSMB_E_AUTH,
  "logon not allowed from this machine",
  "the account may log on from named machines only: ask an administrator to add this one")
X(0xC0000071, PASSWORD_EXPIRED, LSMB_E_AUTH,
  "the password has expired", "set a new password for the account, then try again")
X(0xC0000072, ACCOUNT_DISABLED, LSMB_E_AUTH,
  "the account is disabled", "ask an administrator to enable the account")
X(0xC0000073, NONE_MAPPED, LSMB_E_STATUS, "no name could be mapped", "")
X(0xC0000077, INVALID_ACL, LSMB_E_STATUS, "access control list malformed", "")
X(0xC0000078, INVALID_SID, LSMB_E_STATUS, "security id malformed", "")
X(0xC0000079, INVALID_SECURITY_DESCR, LSMB_E_STATUS, "security descriptor malformed", "")
X(0xC000007A, PROCEDURE_NOT_FOUND, LSMB_E_STATUS, "procedure missing", "")
X(0xC000007C, NO_TOKEN, LSMB_E_STATUS, "no security token", "")
X(0xC000007E, RANGE_NOT_LOCKED, LSMB_E_STATUS, "unlock of a range that is not locked", "")
X(0xC000007F, DISK_FULL, LSMB_E_STATUS,
  "no space left on the server", "free some space on the server")
X(0xC0000098, FILE_INVALID, LSMB_E_STATUS, "file was changed so that the handle is stale", "")
X(0xC000009A, INSUFFICIENT_RESOURCES, LSMB_E_STATUS,
  "server resources exhausted (also: bad credit use)",
  "try again later, or with fewer transfers at a time")
X(0xC000009C, DEVICE_DATA_ERROR, LSMB_E_STATUS, "device data error", "check the disk of the server")
X(0xC000009D, DEVICE_NOT_CONNECTED, LSMB_E_STATUS, "device not connected", "")
X(0xC00000A1, WORKING_SET_QUOTA, LSMB_E_STATUS, "working set quota", "")
X(0xC00000A2, MEDIA_WRITE_PROTECTED, LSMB_E_DENIED,
  "medium is write protected", "the share or its disk is read-only: ask its owner")
X(0xC00000A3, DEVICE_NOT_READY, LSMB_E_STATUS, "device not ready", "try again later")
X(0xC00000A5, BAD_IMPERSONATION_LEVEL, LSMB_E_STATUS, "impersonation level not acceptable", "")
X(0xC00000AB, INSTANCE_NOT_AVAILABLE, LSMB_E_STATUS,
  "no free named pipe instance", "try again later")
X(0xC00000AC, PIPE_NOT_AVAILABLE, LSMB_E_STATUS,
  "named pipe instances exhausted", "try again later")
X(0xC00000AD, INVALID_PIPE_STATE, LSMB_E_STATUS, "named pipe in a wrong state", "")
X(0xC00000AE, PIPE_BUSY, LSMB_E_STATUS, "named pipe busy", "try again later")
X(0xC00000B0, PIPE_DISCONNECTED, LSMB_E_STATUS, "other end of the pipe is gone", "")
X(0xC00000B1, PIPE_CLOSING, LSMB_E_STATUS, "pipe is being closed", "")
X(0xC00000B5, IO_TIMEOUT, LSMB_E_TIMEOUT, "operation timed out on the server", "try again later")
X(0xC00000BA, FILE_IS_A_DIRECTORY, LSMB_E_STATUS,
  "it is a directory, but a file was asked for",
  "name a file inside of it, or treat it as a directory")
X(0xC00000BB, NOT_SUPPORTED, LSMB_E_STATUS,
  "request not supported", "during logon this means that the server accepts no NTLM: use Kerberos")
X(0xC00000BC, REMOTE_NOT_LISTENING, LSMB_E_NETWORK,
  "remote machine does not listen", "check that the server is up and reachable")
X(0xC00000BE, BAD_NETWORK_PATH, LSMB_E_NETWORK,
  "server name or path not found on the network", "check the name of the server, and that it is up")
X(0xC00000BF, NETWORK_BUSY, LSMB_E_NETWORK,
  "network busy", "try again later, or with fewer transfers at a time")
X(0xC00000C3, INVALID_NETWORK_RESPONSE, LSMB_E_PROTOCOL, "malformed network answer", "")
X(0xC00000C4, UNEXPECTED_NETWORK_ERROR, LSMB_E_NETWORK, "unexpected network error", "connect again")
X(0xC00000C9, NETWORK_NAME_DELETED, LSMB_E_NETWORK,
  "tree connection no longer exists on the server: reconnect the share",
  "the share was removed or the server restarted: connect again")
X(0xC00000CA, NETWORK_ACCESS_DENIED, LSMB_E_DENIED,
  "access to the network resource denied",
  "ask the owner of the share for access; the server may demand encryption or refuse guests")
X(0xC00000CB, BAD_DEVICE_TYPE, LSMB_E_STATUS,
  "share is of another device type", "it may be a printer or a pipe: choose a share of files")
X(0xC00000CC, BAD_NETWORK_NAME, LSMB_E_NOT_FOUND,
  "the server has no share of this name",
  "check the name of the share; the name of a domain stands for a DFS namespace and needs a "
  "domain controller")
X(0xC00000CE, TOO_MANY_SESSIONS, LSMB_E_STATUS,
  "session limit reached", "the server is full: close other connections to it, or try again later")
X(0xC00000CF, SHARING_PAUSED, LSMB_E_STATUS, "server paused", "try again later")
X(0xC00000D0, REQUEST_NOT_ACCEPTED, LSMB_E_STATUS,
  "server refuses more requests/sessions (connection limit, or bind not possible)",
  "the server is full: close other connections to it, or try again later")
X(0xC00000D4, NOT_SAME_DEVICE, LSMB_E_STATUS,
  "rename across volumes",
  "source and target are on different volumes: copy, then delete the source")
X(0xC00000D5, FILE_RENAMED, LSMB_E_STATUS, "file was renamed", "")
X(0xC00000D9, PIPE_EMPTY, LSMB_E_STATUS, "no data in the pipe", "")
X(0xC00000E3, INVALID_OPLOCK_PROTOCOL, LSMB_E_STATUS,
  "oplock acknowledgement not expected or of a wrong level", "")
X(0xC00000E5, INTERNAL_ERROR, LSMB_E_STATUS, "internal error of the server", "")
X(0xC00000FB, REDIRECTOR_NOT_STARTED, LSMB_E_STATUS, "redirector not running on the server", "")
X(0xC0000101, DIRECTORY_NOT_EMPTY, LSMB_E_STATUS,
  "directory is not empty", "delete what is in it first")
X(0xC0000102, FILE_CORRUPT_ERROR, LSMB_E_STATUS,
  "file or directory corrupt", "check the disk of the server")
X(0xC0000103, NOT_A_DIRECTORY, LSMB_E_STATUS,
  "it is a file, but a directory was asked for", "name a directory, or treat it as a file")
X(0xC0000107, FILES_OPEN, LSMB_E_STATUS, "files are open", "")
X(0xC000010A, PROCESS_IS_TERMINATING, LSMB_E_STATUS, "a process of the server is ending", "")
X(0xC0000120, CANCELLED, LSMB_E_STATUS, "request was cancelled", "")
X(0xC0000121, CANNOT_DELETE, LSMB_E_DENIED,
  "file cannot be deleted (read-only or in use)",
  "clear the read-only attribute, or wait until the program that uses the file closes it")
X(0xC0000123, FILE_DELETED, LSMB_E_NOT_FOUND, "file already deleted", "")
X(0xC0000128, FILE_CLOSED, LSMB_E_STATUS, "file handle is closed or unknown", "")
X(0xC000012D, COMMITMENT_LIMIT, LSMB_E_STATUS,
  "server memory limit", "try again later, or with fewer transfers at a time")
X(0xC0000133, TIME_DIFFERENCE_AT_DC, LSMB_E_AUTH,
  "clock skew with the domain controller",
  "set the clocks of this machine and of the server; Kerberos allows five minutes of difference")
X(0xC000013C, REMOTE_DISCONNECT, LSMB_E_NETWORK, "remote side disconnected", "connect again")
X(0xC0000148, INVALID_LEVEL, LSMB_E_STATUS, "level not valid", "")
X(0xC000014B, PIPE_BROKEN, LSMB_E_STATUS, "pipe broken", "")
X(0xC0000157, SECRET_TOO_LONG, LSMB_E_STATUS, "secret too long", "")
X(0xC000015B, LOGON_TYPE_NOT_GRANTED, LSMB_E_AUTH,
  "logon type not allowed",
  "ask an administrator for the right to access this computer from the network")
X(0xC000015F, FT_MISSING_MEMBER, LSMB_E_STATUS,
  "a member of a fault-tolerant volume is missing", "")
X(0xC000016A, DISK_OPERATION_FAILED, LSMB_E_STATUS,
  "disk operation failed", "check the disk of the server")
X(0xC0000184, INVALID_DEVICE_STATE, LSMB_E_STATUS, "device state does not allow this", "")
X(0xC0000185, IO_DEVICE_ERROR, LSMB_E_STATUS, "I/O device error", "check the disk of the server")
X(0xC000018B, NO_TRUST_SAM_ACCOUNT, LSMB_E_AUTH,
  "machine account missing",
  "ask an administrator to check the trust between the server, its domain and the domain of the "
  "account")
X(0xC000018C, TRUSTED_DOMAIN_FAILURE, LSMB_E_AUTH,
  "the trust between the domains failed",
  "ask an administrator to check the trust between the server, its domain and the domain of the "
  "account")
X(0xC000018D, TRUSTED_RELATIONSHIP_FAILURE, LSMB_E_AUTH,
  "the trust between server and domain is broken",
  "ask an administrator to check the trust between the server, its domain and the domain of the "
  "account")
X(0xC0000190, TRUST_FAILURE, LSMB_E_AUTH,
  "the trust between domains failed",
  "ask an administrator to check the trust between the server, its domain and the domain of the "
  "account")
X(0xC0000192, NETLOGON_NOT_STARTED, LSMB_E_AUTH,
  "netlogon not running",
  "the server cannot reach its domain controller: try again later, or use an account of the "
  "server itself")
X(0xC0000193, ACCOUNT_EXPIRED, LSMB_E_AUTH,
  "the account has expired", "ask an administrator to extend the account")
X(0xC0000195, NETWORK_CREDENTIAL_CONFLICT, LSMB_E_AUTH,
  "other credentials already used towards this server",
  "use one set of credentials for this server")
X(0xC0000199, NOLOGON_WORKSTATION_TRUST_ACCOUNT, LSMB_E_AUTH,
  "machine account used for a user logon", "use the account of a user, not that of a machine")
X(0xC000019B, DOMAIN_TRUST_INCONSISTENT, LSMB_E_AUTH,
  "domain information inconsistent",
  "ask an administrator to check the trust between the server, its domain and the domain of the "
  "account")
X(0xC000019C, FS_DRIVER_REQUIRED, LSMB_E_STATUS,
  "file system control unknown to the server (also answer to DFS FSCTL without DFS)", "")
X(0xC00001A1, INVALID_LOCK_RANGE, LSMB_E_STATUS, "offset+length of a lock wraps around", "")
X(0xC0000203, USER_SESSION_DELETED, LSMB_E_NETWORK,
  "session no longer exists: authenticate again", "log on again")
X(0xC0000205, INSUFF_SERVER_RESOURCES, LSMB_E_STATUS,
  "server resources exhausted", "try again later, or with fewer transfers at a time")
X(0xC0000206, INVALID_BUFFER_SIZE, LSMB_E_STATUS, "buffer size not valid", "")
X(0xC000020C, CONNECTION_DISCONNECTED, LSMB_E_NETWORK, "transport connection gone", "connect again")
X(0xC000020D, CONNECTION_RESET, LSMB_E_NETWORK, "transport connection reset", "connect again")
X(0xC0000224, PASSWORD_MUST_CHANGE, LSMB_E_AUTH,
  "the password must be changed before the first logon",
  "set a new password for the account, then try again")
X(0xC0000225, NOT_FOUND, LSMB_E_NOT_FOUND,
  "not found (for example no DFS referral for this path)",
  "no server is known for this path: check the DFS namespace")
X(0xC0000229, FAIL_CHECK, LSMB_E_STATUS, "check failed", "")
X(0xC0000234, ACCOUNT_LOCKED_OUT, LSMB_E_AUTH,
  "the account is locked after too many failed logons",
  "wait until the lock ends or ask an administrator to lift it; look for a job that still uses an "
  "old password")
X(0xC0000236, CONNECTION_REFUSED, LSMB_E_NETWORK,
  "connection refused", "check that the server is up and reachable")
X(0xC0000237, GRACEFUL_DISCONNECT, LSMB_E_NETWORK,
  "connection closed in an orderly way", "connect again")
X(0xC000023A, CONNECTION_INVALID, LSMB_E_NETWORK, "connection not valid", "connect again")
X(0xC000023B, CONNECTION_ACTIVE, LSMB_E_STATUS, "connection already active", "")
X(0xC000023C, NETWORK_UNREACHABLE, LSMB_E_NETWORK,
  "network unreachable", "check that the server is up and reachable")
X(0xC000023D, HOST_UNREACHABLE, LSMB_E_NETWORK,
  "host unreachable", "check that the server is up and reachable")
X(0xC0000241, CONNECTION_ABORTED, LSMB_E_NETWORK, "connection aborted", "connect again")
X(0xC0000243, USER_MAPPED_FILE, LSMB_E_DENIED,
  "file is memory mapped, so it cannot be truncated or replaced",
  "stop the program on the server that runs or maps the file")
X(0xC0000257, PATH_NOT_COVERED, LSMB_E_STATUS,
  "path crosses a DFS link: ask for a referral",
  "the name leads through a DFS link: let DFS be followed")
X(0xC0000275, NOT_A_REPARSE_POINT, LSMB_E_STATUS, "file has no reparse point", "")
X(0xC0000276, IO_REPARSE_TAG_INVALID, LSMB_E_STATUS, "reparse tag not valid", "")
X(0xC0000277, IO_REPARSE_TAG_MISMATCH, LSMB_E_STATUS,
  "reparse tag differs from the one on the file", "")
X(0xC0000278, IO_REPARSE_DATA_INVALID, LSMB_E_STATUS, "reparse data malformed", "")
X(0xC0000279, IO_REPARSE_TAG_NOT_HANDLED, LSMB_E_STATUS, "reparse tag unknown to the server", "")
X(0xC0000280, REPARSE_POINT_NOT_RESOLVED, LSMB_E_STATUS,
  "too many reparse points", "the name leads through a symbolic link: use the path it points to")
X(0xC00002C3, MUTUAL_AUTHENTICATION_FAILED, LSMB_E_AUTH,
  "server could not prove its identity",
  "use the name under which the server is known to its domain, not an alias or an address")
X(0xC00002CF, JOURNAL_ENTRY_DELETED, LSMB_E_STATUS, "journal entry gone", "")
X(0xC00002EA, CANNOT_MAKE, LSMB_E_STATUS,
  "cannot create a directory or file", "free some space on the server")
X(0xC000035C, NETWORK_SESSION_EXPIRED, LSMB_E_NETWORK,
  "Kerberos ticket of the session expired: re-authenticate the same session and repeat",
  "log on again, with a fresh Kerberos ticket if one is used")
X(0xC0000388, DOWNGRADE_DETECTED, LSMB_E_AUTH,
  "security downgrade suspected",
  "use the full name of the server and make sure that a domain controller can be reached")
X(0xC0000413, AUTHENTICATION_FIREWALL_FAILED, LSMB_E_AUTH,
  "selective authentication refused the logon",
  "ask an administrator for the right to authenticate to this server")
X(0xC0000418, NTLM_BLOCKED, LSMB_E_AUTH, "the server does not allow NTLM",
  "use Kerberos, or ask the server's owner to allow NTLM for this user")
X(0xC000042A, REQUEST_OUT_OF_SEQUENCE, LSMB_E_STATUS,
  "session setup step does not fit the state of that session (for example a bind mixed with a new "
  "logon)",
  "")
X(0xC0000442, CS_ENCRYPTION_UNSUPPORTED_SERVER, LSMB_E_STATUS,
  "server cannot encrypt", "choose a server that can encrypt, or do not require it")
X(0xC0000466, SERVER_UNAVAILABLE, LSMB_E_STATUS,
  "persistent handle on a failed-over cluster node; try again", "try again later")
X(0xC0000467, FILE_NOT_AVAILABLE, LSMB_E_STATUS,
  "handle temporarily not available (durable reconnect or failover in progress)", "try again later")
X(0xC0000480, SHARE_UNAVAILABLE, LSMB_E_STATUS, "share temporarily unavailable", "try again later")
X(0xC0000500, INVALID_TASK_NAME, LSMB_E_STATUS, "task name not valid", "")
X(0xC0000909, CANNOT_BREAK_OPLOCK, LSMB_E_STATUS,
  "operation would break an oplock and the caller asked not to", "")
X(0xC000A000, INVALID_SIGNATURE, LSMB_E_STATUS,
  "signature check failed",
  "a proxy may have changed the message: check what stands between this machine and the server")
X(0xC000A101, HASH_NOT_PRESENT, LSMB_E_STATUS, "no BranchCache hash", "")
X(0xC05D0000, SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP, LSMB_E_STATUS,
  "no common preauth hash algorithm in NEGOTIATE", "")
X(0xC05D0001, SMB_BAD_CLUSTER_DIALECT, LSMB_E_STATUS, "dialect not acceptable for this cluster", "")
/* clang-format on */
