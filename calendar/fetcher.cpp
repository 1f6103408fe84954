#include "calendar/fetcher.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>

#include "calendar/text.hpp"
#include "common/base/errc.hpp"
#include "common/base/trimmed.hpp"
#include "common/storage/checksum.hpp"

namespace bullpen::calendar {

namespace {

using std::chrono::milliseconds;

constexpr long k_ok = 200;
constexpr long k_not_modified = 304;
constexpr std::size_t k_header_max = 8192;  // bytes of one line

struct FreeEasy {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, FreeList>;
struct FreeUrl {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;

// What one answer brings.
struct Answer {
    std::string body;
    std::size_t body_max = 0;
    bool too_large = false;
    std::string etag;
    std::string last_modified;
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* to) {
    auto& answer = *static_cast<Answer*>(to);
    const std::size_t bytes = size * count;
    if (answer.body.size() + bytes > answer.body_max) {
        answer.too_large = true;
        return 0;  // ends the transfer
    }
    answer.body.append(data, bytes);
    return bytes;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* to) {
    auto& answer = *static_cast<Answer*>(to);
    const std::string_view line(data, std::min(size * count, k_header_max));
    const auto colon = line.find(':');
    if (colon != std::string_view::npos) {
        const std::string name = lower(line.substr(0, colon));
        const std::string_view value = trimmed(line.substr(colon + 1));
        if (name == "etag")
            answer.etag = value;
        else if (name == "last-modified")
            answer.last_modified = value;
    }
    return size * count;
}

std::string part_of(const std::string& address, CURLUPart part) {
    const Url url(curl_url());
    char* text = nullptr;
    if (url == nullptr || curl_url_set(url.get(), CURLUPART_URL, address.c_str(), 0) != CURLUE_OK ||
        curl_url_get(url.get(), part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK)
        return {};
    std::string found(text);
    curl_free(text);
    return found;
}

// Scheme, host and port.
std::string place_of(const std::string& address) {
    return part_of(address, CURLUPART_SCHEME) + "://" + lower(part_of(address, CURLUPART_HOST)) +
           ":" + part_of(address, CURLUPART_PORT);
}

bool may_be_asked(const std::string& address) {
    const std::string scheme = part_of(address, CURLUPART_SCHEME);
    const std::string host = part_of(address, CURLUPART_HOST);
    return scheme == "https" ||
           (scheme == "http" && (host == "127.0.0.1" || host == "localhost" || host == "[::1]"));
}

bool right_type(std::string_view type, std::string_view wanted) {
    const std::string plain = lower(type);
    const auto choices = split(wanted, '|');
    return wanted.empty() || std::any_of(choices.begin(), choices.end(), [&](std::string_view one) {
               return contains(plain, one);
           });
}

bool may_pass(long status) {
    return status >= 500 && status != 501 && status != 505;
}

Error failure(CURLcode code, const Answer& answer, const std::string& url) {
    if (answer.too_large || code == CURLE_FILESIZE_EXCEEDED)
        return {Errc::too_large,
                url + " gives more than " + std::to_string(answer.body_max) + " bytes"};
    const std::string why = url + ": " + curl_easy_strerror(code);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return {Errc::timed_out, why};
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_UNSUPPORTED_PROTOCOL ||
        code == CURLE_BAD_CONTENT_ENCODING)
        return {Errc::refused, why};
    return {Errc::unavailable, why};
}

class Transfer {
  public:
    Transfer(const FetchRequest& request, const FetchLimits& limits, const std::string& agent)
        : request_(request), limits_(limits), agent_(agent) {}

    // Errc::unavailable and timed_out may be tried again; `redirect` is set when the answer is one.
    Result<Fetched> get(const std::string& url, milliseconds time, std::string& redirect) {
        if (!may_be_asked(url))
            return fail(Errc::refused, url + " is neither HTTPS nor of this machine");
        const Easy handle(curl_easy_init());
        if (handle == nullptr)
            return fail(Errc::exhausted, "there is no memory for a transfer");
        Answer answer;
        answer.body_max = limits_.body_max;
        const Headers headers = conditions();
        set_options(handle.get(), url, time, answer);
        curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
        const CURLcode code = curl_easy_perform(handle.get());
        if (code != CURLE_OK)
            return fail(failure(code, answer, url));
        return judge(handle.get(), url, std::move(answer), redirect);
    }

  private:
    [[nodiscard]] Headers conditions() const {
        curl_slist* list = nullptr;
        if (!request_.etag.empty())
            list = curl_slist_append(list, ("If-None-Match: " + request_.etag).c_str());
        if (!request_.last_modified.empty())
            list =
                curl_slist_append(list, ("If-Modified-Since: " + request_.last_modified).c_str());
        return Headers(list);
    }

    void set_options(CURL* handle, const std::string& url, milliseconds time,
                     Answer& answer) const {
        curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
        curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");  // which: may_be_asked()
        curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);           // by us, within one host
        curl_easy_setopt(handle, CURLOPT_PROXY, "");
        curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
        curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
        curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
        curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        curl_easy_setopt(handle, CURLOPT_USERAGENT, agent_.c_str());
        curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "gzip");
        curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                         static_cast<long>(std::min(limits_.connect_max, time).count()));
        curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(time.count()));
        curl_easy_setopt(handle, CURLOPT_MAXFILESIZE_LARGE,
                         static_cast<curl_off_t>(limits_.body_max));
        curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &take_body);
        curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer);
        curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &take_header);
        curl_easy_setopt(handle, CURLOPT_HEADERDATA, &answer);
    }

    Result<Fetched> judge(CURL* handle, const std::string& url, Answer answer,
                          std::string& redirect) const {
        long status = 0;
        char* text = nullptr;
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
        if (curl_easy_getinfo(handle, CURLINFO_REDIRECT_URL, &text) == CURLE_OK &&
            text != nullptr) {
            redirect = text;
            return Fetched{};
        }
        const bool conditional = !request_.etag.empty() || !request_.last_modified.empty();
        if (status == k_not_modified && conditional)
            return Fetched{true, {}, request_.etag, request_.last_modified};
        if (status != k_ok)
            return fail(may_pass(status) ? Errc::unavailable : Errc::refused,
                        url + " answers with status " + std::to_string(status));
        text = nullptr;
        curl_easy_getinfo(handle, CURLINFO_CONTENT_TYPE, &text);
        const std::string type(text == nullptr ? "" : text);
        if (!right_type(type, request_.content_type))
            return fail(Errc::refused, url + " gives the type '" + type + "', and '" +
                                           request_.content_type + "' is wanted");
        return Fetched{false, std::move(answer.body), std::move(answer.etag),
                       std::move(answer.last_modified)};
    }

    const FetchRequest& request_;
    const FetchLimits& limits_;
    const std::string& agent_;
};

}  // namespace

Fetcher::Fetcher(const Clock& clock, std::string user_agent, MonoTime deadline, FetchLimits limits)
    : clock_(clock), user_agent_(std::move(user_agent)), deadline_(deadline), limits_(limits) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

Fetcher::~Fetcher() {
    curl_global_cleanup();
}

Result<Fetched> Fetcher::fetch(const FetchRequest& request) const {
    Transfer transfer(request, limits_, user_agent_);
    std::string url = request.url;
    milliseconds pause = limits_.retry_first;
    int redirects = 0;
    for (int tried = 0;;) {
        const auto left = std::chrono::floor<milliseconds>(deadline_ - clock_.mono());
        if (left <= milliseconds(0))
            return fail(Errc::timed_out, "there was no time left for " + url);
        std::string redirect;
        auto answer = transfer.get(url, std::min(limits_.total_max, left), redirect);
        if (answer && !redirect.empty()) {
            if (place_of(redirect) != place_of(request.url))
                return fail(Errc::refused, url + " sends on to another place: " + redirect);
            if (++redirects > limits_.redirects_max)
                return fail(Errc::refused, url + " sends on more than " +
                                               std::to_string(limits_.redirects_max) + " times");
            url = redirect;
            continue;
        }
        const bool again = !answer && (answer.error().code() == Errc::unavailable ||
                                       answer.error().code() == Errc::timed_out);
        if (!again || ++tried > limits_.retries_max || clock_.mono() + pause >= deadline_)
            return answer;
        std::this_thread::sleep_for(pause);
        pause *= 2;
    }
}

std::string user_agent(std::string_view version, std::string_view contact) {
    const bool mail = contains(contact, "@") && !contains(contact, "://");
    return "Bullpen/" + std::string(version) + " (+" + (mail ? "mailto:" : "") +
           std::string(contact) + ")";
}

std::uint16_t port_of(const std::string& url) {
    return static_cast<std::uint16_t>(number(part_of(url, CURLUPART_PORT), 5).value_or(0));
}

}  // namespace bullpen::calendar
