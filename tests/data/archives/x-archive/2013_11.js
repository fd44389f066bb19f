Grailbird.data.tweets_2013_11 = 
 [
 {
  "source": "web",
  "entities": {
   "user_mentions": [],
   "media": [],
   "hashtags": [
    {
     "text": "notcoproduction",
     "indices": [
      20,
      36
     ]
    }
   ],
   "urls": []
  },
  "geo": {},
  "id_str": "405304722222222222",
  "text": "Consulted at length #notcoproduction",
  "id": 405304722222222222,
  "created_at": "2013-11-26 12:13:17 +0000",
  "user": {
   "name": "Carys",
   "screen_name": "carysreads",
   "protected": false,
   "id_str": "2244994945",
   "profile_image_url_https": "https://pbs.twimg.com/a.jpg",
   "id": 2244994945,
   "verified": false
  }
 },
 {
  "source": "web",
  "entities": {
   "user_mentions": [],
   "media": [],
   "hashtags": [
    {
     "text": "notcoproduction",
     "indices": [
      20,
      36
     ]
    }
   ],
   "urls": []
  },
  "geo": {},
  "id_str": "405304733333333333",
  "text": "RT @owen_m: A consultation, filmed #notcoproduction",
  "id": 405304733333333333,
  "created_at": "2013-11-26 12:13:17 +0000",
  "user": {
   "name": "Carys",
   "screen_name": "carysreads",
   "protected": false,
   "id_str": "2244994945",
   "profile_image_url_https": "https://pbs.twimg.com/a.jpg",
   "id": 2244994945,
   "verified": false
  },
  "retweeted_status": {
   "source": "web",
   "entities": {
    "user_mentions": [],
    "media": [],
    "hashtags": [
     {
      "text": "notcoproduction",
      "indices": [
       20,
       36
      ]
     }
    ],
    "urls": []
   },
   "geo": {},
   "id_str": "405304711111111111",
   "text": "A consultation, filmed #notcoproduction",
   "id": 405304711111111111,
   "created_at": "2013-11-26 12:13:17 +0000",
   "user": {
    "name": "Owen",
    "screen_name": "owen_m",
    "id_str": "1200000000000000007",
    "id": 1200000000000000007,
    "protected": false
   }
  }
 }
]