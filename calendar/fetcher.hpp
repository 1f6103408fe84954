// Fetcher: one GET of a source's body, within limits of time, size and place: HTTPS with the
// certificate verified (plain HTTP to this machine alone), redirects to the same host only, a cap
// on what comes out of compression, and a User-Agent that names a contact. It trusts nothing that
// comes back; parsing is somebody else's. May be used from several threads at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"

namespace bullpen::calendar {

struct FetchLimits {
    std::chrono::milliseconds connect_max{10'000};
    std::chrono::milliseconds total_max{30'000};  // of one attempt
    std::size_t body_max = 2U << 20U;             // bytes, after decompression
    int redirects_max = 3;
    int retries_max = 2;                         // after failures that may pass
    std::chrono::milliseconds retry_first{500};  // doubled each time
};

struct FetchRequest {
    std::string url;
    std::string content_type;   // what the answer's type must contain; '|' between alternatives
    std::string etag;           // of the body that is there; empty: none
    std::string last_modified;  // the same
};

struct Fetched {
    bool not_modified = false;  // the body that is there is still the newest; `body` is empty
    std::string body;
    std::string etag;
    std::string last_modified;
};

class Fetcher {
  public:
    // `deadline` ends all attempts of all requests.
    Fetcher(const Clock& clock, std::string user_agent, MonoTime deadline, FetchLimits limits = {});
    ~Fetcher();
    Fetcher(const Fetcher&) = delete;
    Fetcher& operator=(const Fetcher&) = delete;

    // Errors: refused (an answer that is no good: status, type, host), too_large, timed_out,
    // unavailable.
    [[nodiscard]] Result<Fetched> fetch(const FetchRequest& request) const;

  private:
    const Clock& clock_;
    std::string user_agent_;
    MonoTime deadline_;
    FetchLimits limits_;
};

// "Bullpen/0.5.0 (+mailto:ops@example.net)"; a contact that is no mail address stands as it is.
std::string user_agent(std::string_view version, std::string_view contact);

// The TCP port that an address means; 0 for one that cannot be read.
std::uint16_t port_of(const std::string& url);

}  // namespace bullpen::calendar
