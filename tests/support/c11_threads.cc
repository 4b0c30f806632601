// C11 threads over pthreads, for the thread sanitizer only: it intercepts pthread_*, not thrd_*, mtx_* and cnd_*, with
// which Debian's librdkafka is built, and crashes on threads that it has not seen begin.
#ifdef __SANITIZE_THREAD__
#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>

namespace {

struct Start {
  thrd_start_t function;
  void* argument;
};

void* run(void* raw) {
  const Start start = *static_cast<Start*>(raw);
  std::free(raw);
  return reinterpret_cast<void*>(static_cast<long>(start.function(start.argument)));
}

pthread_mutex_t* of(mtx_t* mutex) { return reinterpret_cast<pthread_mutex_t*>(mutex); }
pthread_cond_t* of(cnd_t* condition) { return reinterpret_cast<pthread_cond_t*>(condition); }

int status(int error) {
  if (error == 0) return thrd_success;
  if (error == ETIMEDOUT) return thrd_timedout;
  return error == EBUSY ? thrd_busy : thrd_error;
}

}  // namespace

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  auto* start = static_cast<Start*>(std::malloc(sizeof(Start)));
  *start = {function, argument};
  return status(pthread_create(reinterpret_cast<pthread_t*>(thread), nullptr, run, start));
}
int thrd_join(thrd_t thread, int* result) {
  void* value = nullptr;
  const int joined = pthread_join(static_cast<pthread_t>(thread), &value);
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<long>(value));
  return status(joined);
}
int thrd_detach(thrd_t thread) { return status(pthread_detach(static_cast<pthread_t>(thread))); }

int mtx_init(mtx_t* mutex, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  if ((type & mtx_recursive) != 0) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  return status(pthread_mutex_init(of(mutex), &attributes));
}
void mtx_destroy(mtx_t* mutex) { pthread_mutex_destroy(of(mutex)); }
int mtx_lock(mtx_t* mutex) { return status(pthread_mutex_lock(of(mutex))); }
int mtx_trylock(mtx_t* mutex) { return status(pthread_mutex_trylock(of(mutex))); }
int mtx_unlock(mtx_t* mutex) { return status(pthread_mutex_unlock(of(mutex))); }

int cnd_init(cnd_t* condition) { return status(pthread_cond_init(of(condition), nullptr)); }
void cnd_destroy(cnd_t* condition) { pthread_cond_destroy(of(condition)); }
int cnd_signal(cnd_t* condition) { return status(pthread_cond_signal(of(condition))); }
int cnd_broadcast(cnd_t* condition) { return status(pthread_cond_broadcast(of(condition))); }
int cnd_wait(cnd_t* condition, mtx_t* mutex) { return status(pthread_cond_wait(of(condition), of(mutex))); }
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  return status(pthread_cond_timedwait(of(condition), of(mutex), until));
}

}  // extern "C"
#endif
