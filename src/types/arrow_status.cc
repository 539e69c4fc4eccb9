#include "types/arrow_status.h"

namespace arrow {

absl::Status ToAbslStatus(const Status& status) {
  if (status.ok()) {
    return absl::OkStatus();
  }
  const std::string& message = status.message();
  switch (status.code()) {
    case StatusCode::OutOfMemory:
    case StatusCode::CapacityError:
      return absl::ResourceExhaustedError(message);
    case StatusCode::KeyError:
      return absl::NotFoundError(message);
    case StatusCode::TypeError:
    case StatusCode::Invalid:
    case StatusCode::SerializationError:
      return absl::InvalidArgumentError(message);
    case StatusCode::IOError:
      return absl::UnavailableError(message);
    case StatusCode::IndexError:
      return absl::OutOfRangeError(message);
    case StatusCode::Cancelled:
      return absl::CancelledError(message);
    case StatusCode::NotImplemented:
      return absl::UnimplementedError(message);
    default:
      return absl::InternalError(message);
  }
}

}  // namespace arrow
