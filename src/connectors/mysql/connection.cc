#include "connectors/mysql/connection.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <errmsg.h>
#include <fcntl.h>
#include <mysqld_error.h>
#include <poll.h>
#include <unistd.h>

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sdk/secrets/secret_resolver.h"
#include "simdjson.h"

namespace pallas::mysql {
namespace {

// The largest packet of the protocol; a cell may be that large.
constexpr unsigned long kMaxPacketBytes = 1024UL * 1024 * 1024;
// Connecting runs on a stack of its own, which the library makes 60 KB large: little for name
// services and a TLS handshake. Pages that are not touched cost nothing.
constexpr size_t kConnectStackBytes = size_t{512} * 1024;
// A scan may pause while the query works elsewhere; the server must not take that for a dead
// client.
constexpr int kNetWriteTimeoutSeconds = 24 * 3600;
// A server that vanished without a word is noticed after about 4 + 3 * 2 seconds.
constexpr int kKeepAliveIdleSeconds = 4;
constexpr int kKeepAliveIntervalSeconds = 2;
constexpr int kKeepAliveProbes = 3;

// Errors of servers that the client's headers do not list.
constexpr unsigned kStatementTimeoutMySql = 3024;
constexpr unsigned kStatementTimeoutMariaDb = 1969;
constexpr unsigned kConnectionKilled = 1927;
constexpr unsigned kAccessDeniedNoPassword = 1698;

struct ErrorClass {
  absl::StatusCode code = absl::StatusCode::kInternal;
  std::string_view source_code = "INTERNAL_SERVICE";
  std::string_view remedy = "";
};

constexpr std::string_view kCheckServer =
    "Check that the server runs, and 'host' and 'port' of the catalog";
constexpr std::string_view kAskAgain = "The connection broke: ask again once the server is well";
constexpr std::string_view kCheckTls =
    "Check 'ssl_mode' and 'ssl_ca' of the catalog, and the certificate of the server";
constexpr std::string_view kCheckLogin = "Check 'user' and 'password' of the catalog";
constexpr std::string_view kGrant = "Grant the user of the catalog what is missing";
constexpr std::string_view kAskLess =
    "Lower 'limits.max_concurrency' of the catalog, or let the server take more connections of its "
    "user";

ErrorClass ClassifyClientError(unsigned code) {
  switch (code) {
    case CR_OUT_OF_MEMORY:
      return {absl::StatusCode::kResourceExhausted, "INTERNAL_SERVICE"};
    case CR_SSL_CONNECTION_ERROR:
      return {absl::StatusCode::kUnauthenticated, "INVALID_CREDENTIALS", kCheckTls};
    case CR_AUTH_PLUGIN_CANNOT_LOAD:
      return {absl::StatusCode::kUnauthenticated, "INVALID_CREDENTIALS"};
    case CR_CONNECTION_ERROR:
    case CR_CONN_HOST_ERROR:
    case CR_IPSOCK_ERROR:
    case CR_UNKNOWN_HOST:
      return {absl::StatusCode::kUnavailable, "INTERNAL_SERVICE", kCheckServer};
    case CR_COMMANDS_OUT_OF_SYNC:
    case CR_MALFORMED_PACKET:
      return {};
    default:
      return {absl::StatusCode::kUnavailable, "INTERNAL_SERVICE", kAskAgain};
  }
}

ErrorClass Classify(unsigned code) {
  switch (code) {
    case ER_ACCESS_DENIED_ERROR:
    case kAccessDeniedNoPassword:
    case ER_NOT_SUPPORTED_AUTH_MODE:
    case ER_MUST_CHANGE_PASSWORD_LOGIN:
      return {absl::StatusCode::kUnauthenticated, "INVALID_CREDENTIALS", kCheckLogin};
    case ER_DBACCESS_DENIED_ERROR:
    case ER_TABLEACCESS_DENIED_ERROR:
    case ER_COLUMNACCESS_DENIED_ERROR:
    case ER_SPECIFIC_ACCESS_DENIED_ERROR:
    case ER_PROCACCESS_DENIED_ERROR:
    case ER_HOST_NOT_PRIVILEGED:
      return {absl::StatusCode::kPermissionDenied, "ACCESS_DENIED", kGrant};
    case ER_BAD_DB_ERROR:
    case ER_NO_SUCH_TABLE:
    case ER_UNKNOWN_PARTITION:
      return {absl::StatusCode::kNotFound, "ENTITY_NOT_FOUND"};
    case ER_BAD_FIELD_ERROR:
    case ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION:
    case ER_DUP_FIELDNAME:
    case ER_EMPTY_QUERY:
    case ER_INVALID_GROUP_FUNC_USE:
    case ER_NON_UNIQ_ERROR:
    case ER_NO_DB_ERROR:
    case ER_OPERAND_COLUMNS:
    case ER_PARSE_ERROR:
    case ER_SP_DOES_NOT_EXIST:
    case ER_UNSUPPORTED_PS:
    case ER_WRONG_FIELD_WITH_GROUP:
    case ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT:
    case ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT:
      return {absl::StatusCode::kInvalidArgument, "INVALID_INPUT"};
    case ER_CON_COUNT_ERROR:
    case ER_TOO_MANY_USER_CONNECTIONS:
    case ER_USER_LIMIT_REACHED:
      return {absl::StatusCode::kResourceExhausted, "THROTTLING", kAskLess};
    case ER_LOCK_WAIT_TIMEOUT:
    case kStatementTimeoutMySql:
    case kStatementTimeoutMariaDb:
      return {absl::StatusCode::kDeadlineExceeded, "OPERATION_TIMEOUT"};
    case ER_LOCK_DEADLOCK:
    case ER_SERVER_SHUTDOWN:
    case ER_NORMAL_SHUTDOWN:
    case ER_QUERY_INTERRUPTED:
    case ER_HOST_IS_BLOCKED:
    case ER_NEW_ABORTING_CONNECTION:
    case ER_NET_ERROR_ON_WRITE:
    case ER_NET_WRITE_INTERRUPTED:
    case kConnectionKilled:
      return {absl::StatusCode::kUnavailable, "INTERNAL_SERVICE", kAskAgain};
    default:
      return code >= CR_MIN_ERROR && code <= CR_MAX_ERROR ? ClassifyClientError(code)
                                                          : ErrorClass{};
  }
}

// Whole seconds for the library, where 0 means forever.
unsigned ToSeconds(absl::Duration timeout) {
  return timeout == absl::InfiniteDuration()
             ? 0
             : static_cast<unsigned>(std::max<int64_t>(
                   1, absl::ToInt64Seconds(absl::Ceil(timeout, absl::Seconds(1)))));
}

// Milliseconds for poll(), rounded up; -1 for ever.
int ToPollTimeout(absl::Duration time) {
  constexpr absl::Duration kLongest = absl::Milliseconds(std::numeric_limits<int>::max());
  return time == absl::InfiniteDuration()
             ? -1
             : static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(
                   std::clamp(time, absl::ZeroDuration(), kLongest), absl::Milliseconds(1))));
}

// A descriptor that becomes readable when the request is cancelled.
class CancelEvent {
 public:
  explicit CancelEvent(const sdk::RequestContext& context)
      : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), registration_(context.OnCancel([this] {
          const uint64_t one = 1;
          // It cannot fail: the counter is far from full.
          [[maybe_unused]] const ssize_t written = write(fd_, &one, sizeof(one));
        })) {}

  ~CancelEvent() {
    registration_ = Cancellation::Registration();
    close(fd_);
  }

  CancelEvent(const CancelEvent&) = delete;
  CancelEvent& operator=(const CancelEvent&) = delete;

  int fd() const { return fd_; }

 private:
  int fd_;
  Cancellation::Registration registration_;
};

short ToPollEvents(int wait) {
  unsigned events = 0;
  if ((wait & MYSQL_WAIT_READ) != 0) {
    events |= POLLIN;
  }
  if ((wait & MYSQL_WAIT_WRITE) != 0) {
    events |= POLLOUT;
  }
  if ((wait & MYSQL_WAIT_EXCEPT) != 0) {
    events |= POLLPRI;
  }
  return static_cast<short>(events);
}

int ToWaitStatus(short events) {
  int status = 0;
  // An error or a hang-up shows when the library reads or writes.
  if ((events & (POLLIN | POLLERR | POLLHUP)) != 0) {
    status |= MYSQL_WAIT_READ;
  }
  if ((events & (POLLOUT | POLLERR | POLLHUP)) != 0) {
    status |= MYSQL_WAIT_WRITE;
  }
  if ((events & POLLPRI) != 0) {
    status |= MYSQL_WAIT_EXCEPT;
  }
  return status;
}

// Whether an error in the middle of a TLS handshake says that the connection broke, and not that
// one side refused the other. The library tells both by one code, with the text of OpenSSL or the
// number of the system's error.
bool IsBrokenConnection(std::string_view message) {
  for (const int error : {ECONNRESET, EPIPE, ETIMEDOUT, ECONNABORTED}) {
    if (absl::StrContains(message, absl::StrCat("(", error, ")"))) {
      return true;
    }
  }
  return absl::StrContains(message, "unexpected eof");
}

// A prepared statement while it lives.
using StatementPtr = std::unique_ptr<MYSQL_STMT, decltype(&mysql_stmt_close)>;
using MetadataPtr = std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)>;

// The COLUMN_TYPE of a column of a result.
std::string ColumnTypeOf(const MYSQL_FIELD& field) {
  constexpr unsigned kBinaryCharset = 63;
  constexpr unsigned kMaxFractionDigits = 6;
  const bool is_unsigned = (field.flags & UNSIGNED_FLAG) != 0;
  const std::string sign = is_unsigned ? " unsigned" : "";
  const std::string fraction = field.decimals > 0 && field.decimals <= kMaxFractionDigits
                                   ? absl::StrCat("(", field.decimals, ")")
                                   : "";
  // MySQL's own, which the client's headers do not name.
  constexpr int kJson = 245;
  switch (static_cast<int>(field.type)) {
    case MYSQL_TYPE_TINY:
      return absl::StrCat("tinyint(", field.length, ")", sign);
    case MYSQL_TYPE_SHORT:
      return absl::StrCat("smallint", sign);
    case MYSQL_TYPE_INT24:
      return absl::StrCat("mediumint", sign);
    case MYSQL_TYPE_LONG:
      return absl::StrCat("int", sign);
    case MYSQL_TYPE_LONGLONG:
      return absl::StrCat("bigint", sign);
    case MYSQL_TYPE_FLOAT:
      return "float";
    case MYSQL_TYPE_DOUBLE:
      return "double";
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL: {
      // The length counts the point and the sign.
      const unsigned long marks = (field.decimals > 0 ? 1UL : 0UL) + (is_unsigned ? 0UL : 1UL);
      const unsigned long digits = field.length > marks ? field.length - marks : 1UL;
      return absl::StrCat("decimal(", std::max<unsigned long>(digits, field.decimals), ",",
                          field.decimals, ")", sign);
    }
    case MYSQL_TYPE_BIT:
      return absl::StrCat("bit(", field.length, ")");
    case MYSQL_TYPE_YEAR:
      return "year";
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE:
      return "date";
    case MYSQL_TYPE_TIME:
      return "time";
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_TIMESTAMP:
      return absl::StrCat("datetime", fraction);
    case MYSQL_TYPE_GEOMETRY:
      return "geometry";
    case kJson:
      return "json";
    default: {
      const bool is_list = (field.flags & (ENUM_FLAG | SET_FLAG)) != 0;
      return field.charsetnr == kBinaryCharset && field.type != MYSQL_TYPE_NULL && !is_list
                 ? "varbinary"
                 : "varchar";
    }
  }
}

absl::Status BadSecret(std::string_view reference, std::string_view what) {
  return WithDetail(absl::UnauthenticatedError(absl::StrCat(
                        "The secret ", reference, " ", what,
                        "; it must be a JSON object with the texts 'username' and 'password'")),
                    {.name = "", .location = std::nullopt, .source_code = "INVALID_CREDENTIALS"});
}

// The library wants to be set up once in a process, before threads use it.
void InitializeLibrary() {
  static const int initialized = mysql_server_init(0, nullptr, nullptr);
  static_cast<void>(initialized);
}

}  // namespace

absl::Status ToStatus(unsigned code, std::string_view message, const HostPort& host) {
  const ErrorClass error = Classify(code);
  return WithDetail(
      absl::Status(error.code, absl::StrCat("MySQL server ", host.host, ":", host.port, ": ",
                                            message, " (error ", code, ")",
                                            error.remedy.empty() ? "" : ". ", error.remedy)),
      {.name = "", .location = std::nullopt, .source_code = std::string(error.source_code)});
}

std::string QuoteText(std::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
}

std::string QuoteBytes(std::string_view bytes) {
  return absl::StrCat("x'", absl::BytesToHexString(bytes), "'");
}

std::string QuoteName(std::string_view name) {
  return absl::StrCat("`", absl::StrReplaceAll(name, {{"`", "``"}}), "`");
}

std::string SessionStatement() {
  return absl::StrCat(
      "SET SESSION time_zone = '+00:00', SESSION sql_mode = 'NO_BACKSLASH_ESCAPES', SESSION "
      "net_write_timeout = ",
      kNetWriteTimeoutSeconds);
}

absl::StatusOr<Login> ResolveLogin(const ServerOptions& options, sdk::SecretResolver* secrets) {
  Login login;
  ASSIGN_OR_RETURN(login.user, sdk::ResolveSecrets(options.user, secrets));
  ASSIGN_OR_RETURN(login.password, sdk::ResolveSecrets(options.password, secrets));
  if (options.credentials.empty()) {
    return login;
  }
  ASSIGN_OR_RETURN(const std::string secret, sdk::ResolveSecrets(options.credentials, secrets));
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  std::string_view user;
  std::string_view password;
  if (parser.parse(secret).get(document) != simdjson::SUCCESS || !document.is_object()) {
    return BadSecret(options.credentials, "is not a JSON object");
  }
  if (document.at_key("username").get_string().get(user) != simdjson::SUCCESS ||
      document.at_key("password").get_string().get(password) != simdjson::SUCCESS) {
    return BadSecret(options.credentials, "lacks a member");
  }
  return Login{std::string(user), std::string(password)};
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const sdk::RequestContext& context,
                                                             const ServerOptions& options,
                                                             const Login& login,
                                                             sdk::DeadlineTimer& timer) {
  InitializeLibrary();
  absl::Status last = absl::InternalError("no host is configured");
  for (const HostPort& host : options.hosts) {
    RETURN_IF_ERROR(context.Check());
    absl::StatusOr<std::unique_ptr<Connection>> connection =
        OpenHost(context, options, login, host, timer);
    if (connection.ok()) {
      return connection;
    }
    // What happened because of the cancel or the deadline is not the server's fault.
    RETURN_IF_ERROR(context.Check());
    last = connection.status();
    if (!absl::IsUnavailable(last)) {
      return last;
    }
  }
  return last;
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::OpenHost(const sdk::RequestContext& context,
                                                                 const ServerOptions& options,
                                                                 const Login& login,
                                                                 const HostPort& host,
                                                                 sdk::DeadlineTimer& timer) {
  std::unique_ptr<Connection> connection(new Connection(host));
  connection->mysql_ = mysql_init(nullptr);
  if (connection->mysql_ == nullptr) {
    return absl::ResourceExhaustedError("mysql_init: out of memory");
  }
  const absl::Duration time_left = context.deadline - context.clock->Now();
  RETURN_IF_ERROR(connection->SetOptions(options, time_left));
  RETURN_IF_ERROR(connection->Connect(context, options, login, timer));
  RETURN_IF_ERROR(connection->Prepare(context, options, timer));
  return connection;
}

absl::Status Connection::SetOptions(const ServerOptions& options, absl::Duration time_left) {
  const unsigned connect_seconds = ToSeconds(std::min(options.connect_timeout, time_left));
  const unsigned read_seconds = ToSeconds(options.read_timeout);
  const unsigned no_local_files = 0;  // or a false server could read ours
  const my_bool tls = options.ssl_mode != SslMode::kDisabled ? 1 : 0;
  // Checks the chain and the name. For VERIFY_CA the name is left out, see Prepare().
  const my_bool verify = options.ssl_mode == SslMode::kVerifyIdentity ? 1 : 0;
  const auto set = [this](mysql_option option, const void* value) {
    return mysql_options(mysql_, option, value) == 0;
  };
  const auto set_file = [&](mysql_option option, const std::string& path) {
    return path.empty() || set(option, path.c_str());
  };
  const bool done =
      set(MYSQL_OPT_NONBLOCK, &kConnectStackBytes) && set(MYSQL_SET_CHARSET_NAME, "utf8mb4") &&
      set(MYSQL_OPT_LOCAL_INFILE, &no_local_files) &&
      set(MYSQL_OPT_MAX_ALLOWED_PACKET, &kMaxPacketBytes) &&
      set(MYSQL_OPT_CONNECT_TIMEOUT, &connect_seconds) &&
      set(MYSQL_OPT_READ_TIMEOUT, &read_seconds) && set(MYSQL_OPT_SSL_ENFORCE, &tls) &&
      set(MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify) &&
      set_file(MYSQL_OPT_SSL_CA, options.ssl_ca) &&
      set_file(MYSQL_OPT_SSL_CERT, options.ssl_cert) &&
      set_file(MYSQL_OPT_SSL_KEY, options.ssl_key);
  return done ? absl::OkStatus()
              : absl::InternalError("the MySQL client library refuses an option");
}

absl::Status Connection::Connect(const sdk::RequestContext& context, const ServerOptions& options,
                                 const Login& login, sdk::DeadlineTimer& timer) {
  const CancelEvent cancelled(context);
  // The library does the TLS handshake with a blocking socket, within one step: it must be broken.
  const Cancellation::Registration registration = context.OnCancel([this] { Abort(); });
  const auto deadline = timer.At(context.deadline, [this] { Abort(); });
  const char* const database = options.database.empty() ? nullptr : options.database.c_str();
  MYSQL* connected = nullptr;
  int wait = mysql_real_connect_start(&connected, mysql_, host_.host.c_str(), login.user.c_str(),
                                      login.password.c_str(), database,
                                      static_cast<unsigned>(host_.port), nullptr, 0);
  while (wait != 0) {
    pollfd fds[2] = {{mysql_get_socket(mysql_), ToPollEvents(wait), 0},
                     {cancelled.fd(), POLLIN, 0}};
    const absl::Duration step = (wait & MYSQL_WAIT_TIMEOUT) != 0
                                    ? absl::Milliseconds(mysql_get_timeout_value_ms(mysql_))
                                    : absl::InfiniteDuration();
    const int ready =
        poll(fds, 2, ToPollTimeout(std::min(step, context.deadline - context.clock->Now())));
    if (ready < 0 && errno == EINTR) {
      continue;
    }
    // Left in the middle of its work, the library is still fit to be closed.
    RETURN_IF_ERROR(HoldSocket());
    RETURN_IF_ERROR(context.Check());
    const int status = ready == 0 ? MYSQL_WAIT_TIMEOUT : ToWaitStatus(fds[0].revents);
    wait = mysql_real_connect_cont(&connected, mysql_, status);
  }
  if (connected == nullptr) {
    return ConnectError();
  }
  RETURN_IF_ERROR(HoldSocket());
  id_ = mysql_thread_id(mysql_);
  usable_ = true;
  return absl::OkStatus();
}

// Where a host has several addresses, each try has a socket of its own.
absl::Status Connection::HoldSocket() {
  std::lock_guard lock(socket_mutex_);
  if (socket_ >= 0) {
    close(socket_);
  }
  socket_ = fcntl(mysql_get_socket(mysql_), F_DUPFD_CLOEXEC, 0);
  return socket_ >= 0 ? absl::OkStatus()
                      : absl::ErrnoToStatus(errno, "cannot hold the socket of a MySQL session");
}

absl::Status Connection::ConnectError() {
  unsigned code = mysql_errno(mysql_);
  if (code == CR_SSL_CONNECTION_ERROR && IsBrokenConnection(mysql_error(mysql_))) {
    code = CR_SERVER_LOST;
  }
  return ToStatus(code, mysql_error(mysql_), host_);
}

absl::Status Connection::Prepare(const sdk::RequestContext& context, const ServerOptions& options,
                                 sdk::DeadlineTimer& timer) {
  if (options.ssl_mode >= SslMode::kRequired && mysql_get_ssl_cipher(mysql_) == nullptr) {
    return WithDetail(
        absl::UnauthenticatedError(absl::StrCat("MySQL server ", host_.host, ":", host_.port,
                                                " offers no TLS, which sslMode requires")),
        {.name = "", .location = std::nullopt, .source_code = "INVALID_CREDENTIALS"});
  }
  const int on = 1;
  setsockopt(socket_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
  setsockopt(socket_, IPPROTO_TCP, TCP_KEEPIDLE, &kKeepAliveIdleSeconds, sizeof(int));
  setsockopt(socket_, IPPROTO_TCP, TCP_KEEPINTVL, &kKeepAliveIntervalSeconds, sizeof(int));
  setsockopt(socket_, IPPROTO_TCP, TCP_KEEPCNT, &kKeepAliveProbes, sizeof(int));
  const Cancellation::Registration registration = context.OnCancel([this] { Abort(); });
  const auto deadline = timer.At(context.deadline, [this] { Abort(); });
  RETURN_IF_ERROR(Query(SessionStatement()).status());
  return Query("SET SESSION TRANSACTION READ ONLY").status();
}

Connection::~Connection() {
  if (result_ != nullptr) {
    // Otherwise the library would read the rest of the answer first.
    Abort();
    mysql_free_result(result_);
  }
  if (mysql_ != nullptr) {
    mysql_close(mysql_);
  }
  if (socket_ >= 0) {
    close(socket_);
  }
}

void Connection::Abort() {
  aborted_ = true;
  std::lock_guard lock(socket_mutex_);
  if (socket_ >= 0) {
    shutdown(socket_, SHUT_RDWR);
  }
}

absl::Status Connection::Error() {
  // Once a session stands, an error of TLS is a connection that broke.
  const unsigned last = mysql_errno(mysql_);
  const unsigned code = last == CR_SSL_CONNECTION_ERROR ? CR_SERVER_LOST : last;
  absl::Status status = ToStatus(code, mysql_error(mysql_), host_);
  // Errors of the client library leave the session in an unknown state.
  usable_ = usable_ && (code < CR_MIN_ERROR || code > CR_MAX_ERROR) && code != kConnectionKilled;
  return status;
}

absl::StatusOr<Rows> Connection::Query(std::string_view sql) {
  if (mysql_real_query(mysql_, sql.data(), sql.size()) != 0) {
    return Error();
  }
  result_ = mysql_store_result(mysql_);
  if (result_ == nullptr) {
    return mysql_errno(mysql_) == 0 ? absl::StatusOr<Rows>(Rows()) : Error();
  }
  const unsigned num_columns = mysql_num_fields(result_);
  Rows rows;
  for (RowView row = Fetch(); row.cells != nullptr; row = Fetch()) {
    Row& copy = rows.emplace_back();
    for (unsigned i = 0; i < num_columns; ++i) {
      copy.push_back(row.cells[i] == nullptr ? std::optional<std::string>()
                                             : std::string(row.cells[i], row.lengths[i]));
    }
  }
  mysql_free_result(std::exchange(result_, nullptr));
  return rows;
}

absl::StatusOr<std::vector<ResultColumn>> Connection::Describe(std::string_view sql) {
  const StatementPtr statement(mysql_stmt_init(mysql_), mysql_stmt_close);
  if (statement == nullptr) {
    return absl::ResourceExhaustedError("mysql_stmt_init: out of memory");
  }
  if (mysql_stmt_prepare(statement.get(), sql.data(), sql.size()) != 0) {
    return Error();
  }
  if (mysql_stmt_param_count(statement.get()) > 0) {
    return absl::InvalidArgumentError(
        "The query has parameters (?), for which there are no values");
  }
  const MetadataPtr metadata(mysql_stmt_result_metadata(statement.get()), mysql_free_result);
  std::vector<ResultColumn> columns;
  const unsigned num_columns = metadata == nullptr ? 0 : mysql_num_fields(metadata.get());
  for (unsigned i = 0; i < num_columns; ++i) {
    const MYSQL_FIELD& field = *mysql_fetch_field_direct(metadata.get(), i);
    ResultColumn& column = columns.emplace_back();
    column.label.assign(field.name, field.name_length);
    column.column_type = ColumnTypeOf(field);
    if (column.column_type == "varchar") {
      column.character_set = "utf8mb4";  // what the session reads, whatever is stored
    }
  }
  return columns;
}

absl::Status Connection::Start(std::string_view sql) {
  usable_ = false;
  if (mysql_real_query(mysql_, sql.data(), sql.size()) != 0) {
    return Error();
  }
  result_ = mysql_use_result(mysql_);
  return result_ == nullptr ? Error() : absl::OkStatus();
}

absl::Status Connection::End() {
  if (mysql_errno(mysql_) != 0) {
    return Error();
  }
  mysql_free_result(std::exchange(result_, nullptr));
  usable_ = true;
  return absl::OkStatus();
}

}  // namespace pallas::mysql
