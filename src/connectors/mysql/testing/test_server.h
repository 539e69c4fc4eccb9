#ifndef PALLAS_CONNECTORS_MYSQL_TESTING_TEST_SERVER_H_
#define PALLAS_CONNECTORS_MYSQL_TESTING_TEST_SERVER_H_

#include "connectors/mysql/testing/mariadb_server.h"

namespace pallas::mysql {

// The server of this test program, started by the first that asks. Ends the program if there is
// none to be had.
MariaDbServer& TestServer();

}  // namespace pallas::mysql

#endif  // PALLAS_CONNECTORS_MYSQL_TESTING_TEST_SERVER_H_
